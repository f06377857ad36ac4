#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <string_view>

namespace plenary {

/// Finds the end of a request's head as its bytes come in; no byte is looked at twice.
class request_head {
public:
  /// `buffer` starts with the head and only grows between calls. Size of the head with its empty line, 0
  /// while it is not whole, or the status that refuses it: 400 for control characters and line ends other
  /// than CRLF (RFC 9112 2.2), 431 when it is larger than `most_bytes`.
  tl::expected<std::size_t, int> measure(std::string_view buffer, std::size_t most_bytes);

  /// Whether anything of it has come.
  bool has_begun() const { return has_begun_; }

private:
  std::size_t seen_ = 0;
  std::size_t line_start_ = 0;
  bool has_begun_ = false;
};

/// 0 when the lines of a whole head are sound, else the status that refuses it: 400 for a folded line (RFC
/// 9112 5.2), 431 for more than `most_fields`.
int check_lines(std::string_view head, std::size_t most_fields);

} // namespace plenary
