#pragma once

#include "node/http/api_route.hpp"

#include <functional>
#include <string>
#include <vector>

namespace plenary {

/// Answers requests by the table of routes: `/v1/...` for holders of a Bearer key, `/metrics`, `/livez` and
/// `/readyz` for everybody who reaches the port. Knows nothing of sockets.
class api final : public request_handler {
public:
  /// `metrics` gives the text of `/metrics`; the backend outlives the server that calls this. Without an
  /// operator key nobody reaches the operators' routes.
  api(std::vector<api_credential> credentials, api_backend& backend, std::function<std::string()> metrics,
      std::string operator_key = {});

  void handle(server_request request, reply_callback reply) override;

private:
  /// Whose objects the request is about (nobody's on other routes), or what to answer instead.
  tl::expected<customer_id, server_reply> authorize(audience wanted, const server_request& request,
                                                    const routed_request& routed) const;
  tl::expected<customer_id, server_reply> authorize_operator(std::string_view key) const;
  tl::expected<customer_id, server_reply> authorize_customer(std::string_view key,
                                                             const routed_request& routed) const;
  bool is_operator(std::string_view key) const;

  const std::vector<api_credential> credentials_;
  const std::string operator_key_;
  const api_sources sources_;
};

} // namespace plenary
