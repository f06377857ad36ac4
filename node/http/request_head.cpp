#include "node/http/request_head.hpp"

namespace plenary {

namespace {

constexpr int bad_request = 400;
constexpr int head_too_large = 431;

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

} // namespace

tl::expected<std::size_t, int> request_head::measure(std::string_view buffer, std::size_t most_bytes) {
  has_begun_ = !buffer.empty();
  while (seen_ < buffer.size() && seen_ < most_bytes) {
    const char c = buffer[seen_];
    if (c == '\r') {
      if (seen_ + 1 == buffer.size())
        return 0;
      if (buffer[seen_ + 1] != '\n')
        return tl::unexpected(bad_request);
      const bool is_empty_line = seen_ == line_start_;
      seen_ += 2;
      line_start_ = seen_;
      if (is_empty_line)
        return seen_ <= most_bytes ? tl::expected<std::size_t, int>{seen_} : tl::unexpected(head_too_large);
    } else if (is_control(c)) {
      return tl::unexpected(bad_request);
    } else {
      ++seen_;
    }
  }
  if (seen_ >= most_bytes)
    return tl::unexpected(head_too_large);
  return 0;
}

int check_lines(std::string_view head, std::size_t most_fields) {
  std::size_t lines = 0; // the first is the request line, the last is empty
  while (!head.empty()) {
    if (head.front() == ' ' || head.front() == '\t')
      return bad_request;
    head.remove_prefix(head.find("\r\n") + 2);
    ++lines;
  }
  return lines > most_fields + 2 ? head_too_large : 0;
}

} // namespace plenary
