#pragma once

#include "actors/edge/http_client.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/config/address.hpp"
#include "node/net/name_resolver.hpp"
#include "node/net/request_lanes.hpp"

#include <memory>
#include <string>
#include <vector>

namespace plenary {

/// Settings of the HTTP client.
struct http_client_settings {
  std::vector<ip_network> allow_networks{}; ///< that every URL may lead to, beside open addresses
  std::string ca_file{}; ///< PEM file of trusted roots instead of the system's; empty: the system's
  lane_limits documents{};
  lane_limits webhooks{.per_host = 64, .per_customer = 128};
  std::chrono::milliseconds queue_patience{5000}; ///< a request that cannot leave for so long fails
  std::size_t idle_connections = 256;             ///< kept open at most
  resolver_settings resolver{};
  telemetry* meters = nullptr; ///< may be null
  logger* log = nullptr;       ///< may be null
};

/// Sends requests by libcurl on one own thread: HTTP/1.1 with kept connections, verified TLS, no proxy, no
/// redirects. Each purpose and each customer has places of its own; names are looked up elsewhere, and the
/// guard sees every address that is connected to. Requests that are still running when the client is
/// destroyed end with `unavailable`.
class curl_http_client : public http_client {
public:
  explicit curl_http_client(http_client_settings settings = {});
  ~curl_http_client() override;

  void send(http_request request, callback done) override;

private:
  class loop;
  class inbox;
  std::unique_ptr<loop> loop_;
};

} // namespace plenary
