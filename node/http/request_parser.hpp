#pragma once

#include "node/http/server_request.hpp"

#include <cstddef>
#include <memory>

namespace plenary {

/// What a request may cost.
struct parser_limits {
  std::size_t header_bytes = 8 * 1024;   ///< request line included, trailers for themselves; more: 431
  std::size_t header_fields = 100;       ///< more: 431
  std::size_t body_bytes = 64 * 1024;    ///< more: 413
  std::size_t chunk_line_bytes = 256;    ///< size and extensions of one chunk; more: 400
  std::size_t framing_bytes = 64 * 1024; ///< of all chunks, what is not body; more: 413
};

/// Reads one HTTP/1.x request out of bytes; no socket or clock inside.
class request_parser {
public:
  enum class step {
    need_more, ///< everything was consumed that makes sense so far
    complete,  ///< `take` gives the request; what remains in the buffer belongs to the next one
    refused    ///< `refusal` says why; the connection cannot be used any more
  };

  explicit request_parser(parser_limits limits);
  ~request_parser();

  /// Consumes from the front of `buffer`.
  step feed(std::string& buffer);

  /// True once, when the client waits for `100 Continue` before it sends the body (RFC 9110 10.1.1).
  bool wants_continue();

  /// Status code that answers a refused request: 400, 413, 417, 431, 501 or 505.
  int refusal() const;

  /// Whether a part of a request has come.
  bool has_begun() const;

  /// Whether the connection may carry another request.
  bool keep_alive() const;

  /// The request, without `id` and `peer`.
  server_request take();

private:
  bool skip_empty_lines(std::string& buffer);
  step feed_head(std::string& buffer);
  step feed_body(std::string& buffer);

  struct state;
  std::unique_ptr<state> state_;
};

} // namespace plenary
