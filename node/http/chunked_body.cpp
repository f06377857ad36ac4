#include "node/http/chunked_body.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace plenary {

namespace {

constexpr std::string_view line_end{"\r\n"};
/// More digits cannot be within any limit.
constexpr std::size_t most_size_digits = 8;

bool has_control(std::string_view line) {
  return std::any_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
}

/// The size that a chunk's line gives, or nothing when it is no such line.
std::optional<std::size_t> chunk_size(std::string_view line) {
  const auto digits = std::min(line.find_first_not_of("0123456789abcdefABCDEF"), line.size());
  if (digits == 0 || digits > most_size_digits || has_control(line))
    return std::nullopt;
  auto extensions = line.substr(digits);
  extensions.remove_prefix(std::min(extensions.find_first_not_of(" \t"), extensions.size()));
  if (!extensions.empty() && extensions.front() != ';')
    return std::nullopt;
  std::size_t size = 0;
  std::from_chars(line.data(), line.data() + digits, size, 16);
  return size;
}

/// RFC 9110 5.1: a name, then a colon.
bool is_field(std::string_view line) {
  const auto colon = line.find(':');
  return colon != std::string_view::npos && colon > 0 && !has_control(line) &&
         line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

} // namespace

chunked_body::step chunked_body::feed(std::string& buffer, std::string& body) {
  std::string_view rest{buffer};
  auto went = step::complete;
  while (went == step::complete && !over_)
    went = advance(rest, body);
  buffer.erase(0, buffer.size() - rest.size());
  return went;
}

chunked_body::step chunked_body::advance(std::string_view& rest, std::string& body) {
  switch (part_) {
  case part::size:
    return read_size(rest, body.size());
  case part::data:
    return read_data(rest, body);
  case part::data_end:
    return read_data_end(rest);
  case part::trailer:
    return read_trailer(rest);
  }
  return step::malformed;
}

chunked_body::step chunked_body::read_size(std::string_view& rest, std::size_t body_size) {
  const auto end = rest.find(line_end);
  if (std::min(end, rest.size()) > limits_.line_bytes + (end == std::string_view::npos ? 1 : 0))
    return step::malformed;
  if (end == std::string_view::npos)
    return step::need_more;
  const auto size = chunk_size(rest.substr(0, end));
  if (!size)
    return step::malformed;
  rest.remove_prefix(end + line_end.size());
  framing_ += end + 2 * line_end.size();
  if (*size > limits_.body_bytes - std::min(body_size, limits_.body_bytes) ||
      framing_ > limits_.framing_bytes)
    return step::too_large;
  left_ = *size;
  part_ = *size == 0 ? part::trailer : part::data;
  return step::complete;
}

chunked_body::step chunked_body::read_data(std::string_view& rest, std::string& body) {
  const auto taken = std::min(left_, rest.size());
  body.append(rest.substr(0, taken));
  rest.remove_prefix(taken);
  left_ -= taken;
  if (left_ > 0)
    return step::need_more;
  part_ = part::data_end;
  return step::complete;
}

chunked_body::step chunked_body::read_data_end(std::string_view& rest) {
  if (rest.size() < line_end.size())
    return rest.empty() || rest.front() == '\r' ? step::need_more : step::malformed;
  if (!rest.starts_with(line_end))
    return step::malformed;
  rest.remove_prefix(line_end.size());
  part_ = part::size;
  return step::complete;
}

/// One line; the empty one ends the body.
chunked_body::step chunked_body::read_trailer(std::string_view& rest) {
  const auto end = rest.find(line_end);
  const auto line = end == std::string_view::npos ? rest.size() - (rest.ends_with('\r') ? 1 : 0) : end;
  if (trailers_ + line > limits_.trailer_bytes)
    return step::trailers_too_large;
  if (end == std::string_view::npos)
    return step::need_more;
  if (end > 0 && !is_field(rest.substr(0, end)))
    return step::malformed;
  rest.remove_prefix(end + line_end.size());
  trailers_ += end + line_end.size();
  over_ = end == 0;
  return step::complete;
}

} // namespace plenary
