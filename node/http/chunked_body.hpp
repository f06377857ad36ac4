#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plenary {

/// What a body in chunks may cost.
struct chunk_limits {
  std::size_t body_bytes = 64 * 1024;
  std::size_t line_bytes = 256;          ///< size and extensions of one chunk
  std::size_t framing_bytes = 64 * 1024; ///< of all chunks, what is not body
  std::size_t trailer_bytes = 8 * 1024;
};

/// Takes a body out of its chunks (RFC 9112 7.1); extensions and trailers are dropped. No socket inside.
class chunked_body {
public:
  enum class step {
    need_more,
    complete,
    malformed, ///< a chunk line over its limit included
    too_large, ///< the body, or all that stands between its parts
    trailers_too_large
  };

  explicit chunked_body(chunk_limits limits)
      : limits_(limits) {}

  /// Consumes from the front of `buffer` and appends to `body`. What remains is shorter than a chunk line.
  step feed(std::string& buffer, std::string& body);

private:
  enum class part { size, data, data_end, trailer };

  /// Steps over one part; `need_more` when it is not whole, `complete` when the next one may follow.
  step advance(std::string_view& rest, std::string& body);
  step read_size(std::string_view& rest, std::size_t body_size);
  step read_data(std::string_view& rest, std::string& body);
  step read_data_end(std::string_view& rest);
  step read_trailer(std::string_view& rest);

  chunk_limits limits_;
  part part_ = part::size;
  std::size_t left_ = 0; ///< of the chunk's data
  std::size_t framing_ = 0;
  std::size_t trailers_ = 0;
  bool over_ = false;
};

} // namespace plenary
