#pragma once

#include "node/sip/libre.hpp"
#include "node/sip/sip_settings.hpp"

#include <memory>

struct ssl_ctx_st;

namespace plenary::sip_layer {

/// The certificate chain and key of the settings as OpenSSL keeps them; fails with `malformed`, naming the
/// option. Safe from every thread.
result<std::shared_ptr<ssl_ctx_st>> load_certificate(const sip_settings& settings);

/// The certificate that connections are shown from now on; those that are there keep theirs.
class certificate_holder {
public:
  void use(std::shared_ptr<ssl_ctx_st> certificate) { certificate_ = std::move(certificate); }
  ssl_ctx_st* get() const { return certificate_.get(); }

private:
  std::shared_ptr<ssl_ctx_st> certificate_;
};

/// A TLS 1.2+ context whose connections get what the holder, which outlives them, has when they begin.
/// Connections that we open are not verified: only flows that the other side opened are used.
result<re_ptr<tls>> make_tls(certificate_holder& holder);

} // namespace plenary::sip_layer
