#pragma once

#include "tests/support/loopback_socket.hpp"

#include <map>
#include <optional>
#include <string>

namespace plenary::test {

/// A parsed HTTP/1.1 request or answer.
struct http_message {
  std::string start_line;
  std::map<std::string, std::string> headers; ///< names in lower case
  std::string body;

  /// The method of a request.
  std::string method() const;
  /// The target of a request.
  std::string target() const;
  /// The status of an answer; 0 when it has none.
  int status() const;
  /// A header's value by its lower-case name, or an empty text.
  std::string header(const std::string& name) const;
};

/// Reads one message from the socket. `carry` holds bytes that were read beyond it, for the next call.
/// Nothing when the peer closed, or sent nothing for `timeout`.
std::optional<http_message> read_http_message(int socket, std::string& carry,
                                              std::chrono::milliseconds timeout);

/// Sends one request over a new connection and reads the answer; nothing when that fails within 5 s.
std::optional<http_message> http_exchange(const ip_endpoint& server, const std::string& method,
                                          const std::string& target,
                                          const std::map<std::string, std::string>& headers = {},
                                          const std::string& body = {});

/// GET with a Bearer key.
std::optional<http_message> http_get(const ip_endpoint& server, const std::string& target,
                                     const std::string& api_key = {});

} // namespace plenary::test
