#pragma once

#include "node/http/api_route.hpp"

#include <functional>
#include <string>

namespace plenary {

/// Answers `/metrics`, `/livez` and `/readyz` for a listener of their own; everything else is not there.
class metrics_api final : public request_handler {
public:
  /// The backend outlives the server that calls this.
  metrics_api(api_backend& backend, std::function<std::string()> metrics)
      : sources_{backend, std::move(metrics)} {}

  void handle(server_request request, reply_callback reply) override;

private:
  const api_sources sources_;
};

} // namespace plenary
