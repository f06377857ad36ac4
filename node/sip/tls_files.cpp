#include "node/sip/tls_files.hpp"

#include <openssl/ssl.h>

extern "C" struct ssl_ctx_st* tls_openssl_context(const struct tls* context);

namespace plenary::sip_layer {

result<re_ptr<tls>> load_tls(const sip_settings& settings) {
  re_ptr<tls> loaded;
  if (tls_alloc(loaded.out(), TLS_METHOD_SSLV23, nullptr, nullptr) != 0)
    return fail(errc::internal, "no TLS context for SIP");
  auto* context = tls_openssl_context(loaded.get());
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  if (SSL_CTX_use_certificate_chain_file(context, settings.tls_certificate.c_str()) != 1)
    return fail(errc::malformed,
                fmt::format("sip.tls_certificate '{}' holds no PEM certificate", settings.tls_certificate));
  if (SSL_CTX_use_PrivateKey_file(context, settings.tls_key.c_str(), SSL_FILETYPE_PEM) != 1)
    return fail(errc::malformed, fmt::format("sip.tls_key '{}' holds no PEM key", settings.tls_key));
  if (SSL_CTX_check_private_key(context) != 1)
    return fail(errc::malformed, "sip.tls_key does not belong to sip.tls_certificate");
  return loaded;
}

} // namespace plenary::sip_layer
