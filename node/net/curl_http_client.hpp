#pragma once

#include "actors/edge/http_client.hpp"

#include <memory>
#include <string>

namespace plenary {

/// Settings of the HTTP client.
struct http_client_settings {
  /// Private and loopback addresses may be called; link-local and metadata addresses never may.
  bool allow_private_networks = true;
  int max_connections_per_host = 16;
  int max_connections = 256;
  std::string ca_file{}; ///< PEM file of trusted roots instead of the system's; empty: the system's
};

/// Sends requests by libcurl on one own thread: HTTP/1.1 with kept connections, verified TLS, no proxy, no
/// redirects. Requests that are still running when the client is destroyed end with `unavailable`.
class curl_http_client : public http_client {
public:
  explicit curl_http_client(http_client_settings settings = {});
  ~curl_http_client() override;

  void send(http_request request, callback done) override;

private:
  class loop;
  std::unique_ptr<loop> loop_;
};

} // namespace plenary
