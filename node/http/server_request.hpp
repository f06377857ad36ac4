#pragma once

#include "node/http/api_codes.hpp"

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace plenary {

/// One request that arrived whole and well formed.
struct server_request {
  std::string id;     ///< `req_...`, also in the reply's X-Request-Id
  std::string method; ///< as sent; HEAD arrives as it is, the server leaves the body of its reply out
  std::string path;   ///< starts with `/`, still percent-encoded; `*` for OPTIONS of the server
  std::string query;  ///< after the `?`, still percent-encoded
  std::map<std::string, std::string> headers; ///< names in lower case; repeated ones joined by `, `
  std::string body;
  std::string peer; ///< the client's IP address
};

/// The answer; the server adds Content-Length, Date, X-Request-Id, Cache-Control and Connection.
struct server_reply {
  int status = 200;
  std::string content_type{"application/json"};
  std::vector<std::pair<std::string, std::string>>
      headers; ///< further ones; values hold no control characters
  std::string body;
};

/// Takes one reply, from any thread; the second one and one that comes after the deadline are dropped.
using reply_callback = std::function<void(server_reply)>;

/// What answers requests; runs on the server's thread and must return at once.
class request_handler {
public:
  virtual ~request_handler() = default;
  virtual void handle(server_request request, reply_callback reply) = 0;
};

/// `{"error":{"code":...,"message":...}}` with this status, one that the code comes with.
server_reply error_reply(int status, api_code code, std::string message);

} // namespace plenary
