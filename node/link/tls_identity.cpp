#include "node/link/tls_identity.hpp"

#include "node/files/bounded_file.hpp"

#include <fmt/format.h>
#include <kj/vector.h>

namespace plenary::link {

namespace {

constexpr std::string_view certificate_head = "-----BEGIN CERTIFICATE-----";

result<std::string> read_file(const std::filesystem::path& file) {
  constexpr std::size_t most = 1024 * 1024;
  auto text = read_bounded_file(file, most);
  if (!text)
    return fail(errc::not_found, fmt::format("{} cannot be read: {}", file.string(), text.error().message));
  if (text->empty())
    return fail(errc::not_found, fmt::format("{} is empty", file.string()));
  return text;
}

/// KJ trusts the first certificate of each text only, so each one becomes a text of its own.
std::vector<std::string> split_certificates(const std::string& text) {
  std::vector<std::string> parts;
  for (auto at = text.find(certificate_head); at != std::string::npos;) {
    auto next = text.find(certificate_head, at + 1);
    parts.push_back(text.substr(at, next - at));
    at = next;
  }
  return parts;
}

kj::StringPtr kj_text(const std::string& text) {
  return {text.c_str(), text.size()};
}

/// `TlsVersion` ends at 1.2, but the library takes everything above it as 1.3 only.
constexpr auto tls_1_3 = static_cast<kj::TlsVersion>(static_cast<int>(kj::TlsVersion::TLS_1_2) + 1);

} // namespace

result<std::shared_ptr<kj::TlsContext>> make_tls_context(const link_tls_files& files, kj::Timer& timer,
                                                         std::chrono::milliseconds handshake_limit) {
  auto ca = read_file(files.ca);
  auto certificate = read_file(files.certificate);
  auto key = read_file(files.key);
  for (const auto* part : {&ca, &certificate, &key})
    if (!*part)
      return tl::unexpected(part->error());
  std::shared_ptr<kj::TlsContext> context;
  auto thrown = kj::runCatchingExceptions([&] {
    kj::Vector<kj::TlsCertificate> trusted;
    for (const auto& text : split_certificates(*ca))
      trusted.add(kj_text(text));
    kj::TlsKeypair own{kj::TlsPrivateKey(kj_text(*key)), kj::TlsCertificate(kj_text(*certificate))};
    kj::TlsContext::Options options;
    options.useSystemTrustStore = false;
    options.verifyClients = true;
    options.trustedCertificates = trusted.asPtr();
    options.defaultKeypair = own;
    options.minVersion = tls_1_3;
    options.timer = timer;
    options.acceptTimeout = handshake_limit.count() * kj::MILLISECONDS;
    context = std::make_shared<kj::TlsContext>(options);
  });
  if (thrown != nullptr)
    return fail(errc::malformed,
                fmt::format("{}, {} and {} are not a CA, a certificate and its key in PEM", files.ca.string(),
                            files.certificate.string(), files.key.string()));
  return context;
}

} // namespace plenary::link
