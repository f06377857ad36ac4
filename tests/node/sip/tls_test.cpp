#include "live_edge.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

namespace plenary::sip_test {

namespace {

/// A self-signed certificate and its key in two PEM files that vanish with it.
class self_signed {
public:
  self_signed()
      : stem_(::testing::TempDir() + "sip-" + std::to_string(getpid()) + "-" +
              std::to_string(reinterpret_cast<std::uintptr_t>(this))) {
    EVP_PKEY* key = EVP_EC_gen("P-256");
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    auto* name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                               -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_sign(certificate, key, EVP_sha256());
    if (auto* file = std::fopen(certificate_file().c_str(), "w")) {
      PEM_write_X509(file, certificate);
      std::fclose(file);
    }
    if (auto* file = std::fopen(key_file().c_str(), "w")) {
      PEM_write_PrivateKey(file, key, nullptr, nullptr, 0, nullptr, nullptr);
      std::fclose(file);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  ~self_signed() {
    std::filesystem::remove(certificate_file());
    std::filesystem::remove(key_file());
  }

  std::string certificate_file() const { return stem_ + ".crt"; }
  std::string key_file() const { return stem_ + ".key"; }

private:
  std::string stem_;
};

class Tls : public live_edge {
protected:
  sip_settings secured() const {
    auto settings = usual_settings();
    settings.listen = {{signalling_transport::tls, "127.0.0.1", 0}};
    settings.tls_certificate = files.certificate_file();
    settings.tls_key = files.key_file();
    return settings;
  }
  self_signed files;
};

TEST_F(Tls, CarriesACallAndTheServersByeOnOneConnection) {
  start(secured());
  auto wire = line::tls(port());
  caller phone(wire);
  phone.contact = "sip:alice@192.0.2.1:5061;transport=tls"; // cannot be reached
  const auto id = establish(phone);

  edge->hang_up(id, {16, "normal_clearing"});

  EXPECT_TRUE(phone.expect().text.starts_with("BYE sip:alice@127.0.0.1:"));
  EXPECT_EQ(wire.tls_version(), "TLSv1.3");
}

TEST_F(Tls, FailsToStartWithAFileThatHoldsNoKey) {
  auto settings = secured();
  settings.tls_key = settings.tls_certificate;

  const auto started = sip_edge::start(settings, listener, counters, log);

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, errc::malformed);
}

} // namespace

} // namespace plenary::sip_test
