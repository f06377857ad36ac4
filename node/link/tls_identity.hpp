#pragma once

#include "node/link/link_settings.hpp"

#include <kj/compat/tls.h>

#include <memory>

namespace plenary::link {

/// Every node's certificate carries this name beside its own, so that a dialler can check a node whose name
/// it does not know yet; its own name is compared after `hello`.
inline constexpr const char* common_certificate_name = "plenary-node";

/// TLS 1.3 only, both sides authenticated, no CA trusted but the configured ones. The timer bounds handshakes
/// and must outlive the context, which must outlive its streams.
result<std::shared_ptr<kj::TlsContext>> make_tls_context(const link_tls_files& files, kj::Timer& timer,
                                                         std::chrono::milliseconds handshake_limit);

} // namespace plenary::link
