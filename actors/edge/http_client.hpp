#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plenary {

/// One request to a customer's server. Redirects are never followed: a 3xx comes back as it is.
struct http_request {
  std::string method = "POST"; ///< `GET` or `POST`
  std::string url;             ///< http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds connect_timeout{3000};
  std::chrono::milliseconds total_timeout{10000};
  std::size_t max_response_bytes = 64 * 1024; ///< more: the request fails with `limit_reached`
};

/// What came back, whatever the status.
struct http_response {
  int status = 0;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;
  std::chrono::milliseconds elapsed{0};
};

/// Sends requests without blocking the caller.
class http_client {
public:
  using callback = std::function<void(result<http_response>)>;

  virtual ~http_client() = default;

  /// Calls `done` exactly once, on the client's thread; it must return at once. Errors: `network`,
  /// `timeout`, `limit_reached`, `malformed` (URL), `unavailable` (client is shutting down).
  virtual void send(http_request request, callback done) = 0;
};

} // namespace plenary
