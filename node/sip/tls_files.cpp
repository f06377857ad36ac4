#include "node/sip/tls_files.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

extern "C" struct ssl_ctx_st* tls_openssl_context(const struct tls* context);

namespace plenary::sip_layer {

namespace {

/// Each connection is made from the listener's context and takes the holder's certificate before anything
/// is chosen: so the certificate can change while libre keeps its context.
int take_certificate(SSL* connection, int*, void* holder) {
  SSL_set_SSL_CTX(connection, static_cast<const certificate_holder*>(holder)->get());
  return SSL_CLIENT_HELLO_SUCCESS;
}

/// Whether the key that was refused last is one, but not the certificate's.
bool is_of_another() {
  const auto why = ERR_peek_last_error();
  return ERR_GET_LIB(why) == ERR_LIB_X509 && (ERR_GET_REASON(why) == X509_R_KEY_VALUES_MISMATCH ||
                                              ERR_GET_REASON(why) == X509_R_KEY_TYPE_MISMATCH);
}

} // namespace

result<std::shared_ptr<ssl_ctx_st>> load_certificate(const sip_settings& settings) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_method()), SSL_CTX_free);
  if (!context)
    return fail(errc::internal, "no TLS context for SIP");
  if (SSL_CTX_use_certificate_chain_file(context.get(), settings.tls_certificate.c_str()) != 1)
    return fail(errc::malformed,
                fmt::format("sip.tls_certificate '{}' holds no PEM certificate", settings.tls_certificate));
  if (SSL_CTX_use_PrivateKey_file(context.get(), settings.tls_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return is_of_another()
               ? fail(errc::malformed, "sip.tls_key does not belong to sip.tls_certificate")
               : fail(errc::malformed, fmt::format("sip.tls_key '{}' holds no PEM key", settings.tls_key));
  return context;
}

result<re_ptr<tls>> make_tls(certificate_holder& holder) {
  re_ptr<tls> made;
  if (tls_alloc(made.out(), TLS_METHOD_SSLV23, nullptr, nullptr) != 0)
    return fail(errc::internal, "no TLS context for SIP");
  auto* context = tls_openssl_context(made.get());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_client_hello_cb(context, take_certificate, &holder);
  return made;
}

} // namespace plenary::sip_layer
