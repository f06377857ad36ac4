#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plenary {

/// What a request is for; each purpose has places of its own, so that neither waits for the other.
enum class http_purpose { document, webhook };

/// Who wrote a request's URL.
enum class url_source {
  customer,     ///< it came from outside, for example in a document: it never leads to an inside address
  configuration ///< the operator: it may lead to one that it names (see is_inside_host())
};

/// One request to a customer's server. Redirects are never followed: a 3xx comes back as it is.
struct http_request {
  std::string method = "POST"; ///< `GET` or `POST`
  std::string url;             ///< http or https
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::chrono::milliseconds connect_timeout{3000}; ///< the look-up of the name included
  std::chrono::milliseconds total_timeout{10000};  ///< from the moment at which it leaves its queue
  std::size_t max_response_bytes = 64 * 1024;      ///< of the body; more: it fails with `limit_reached`
  bool keep_body = true;                           ///< false: the body is read and forgotten
  http_purpose purpose = http_purpose::webhook;
  url_source source = url_source::customer;
  std::string lane; ///< whose request it is: customers do not wait for each other
  std::string call; ///< which call it is about, for the log; empty: none
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

  /// Calls `done` exactly once, on the client's thread; it must return at once. Errors: `network` (with one
  /// sentence for every connection that did not come about), `timeout`, `limit_reached` (of the answer, or of
  /// the requests at one time), `malformed` (URL), `unavailable` (client is shutting down).
  virtual void send(http_request request, callback done) = 0;
};

} // namespace plenary
