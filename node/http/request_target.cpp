#include "node/http/request_target.hpp"

namespace plenary {

namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
        return std::nullopt;
      c = static_cast<unsigned char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    }
    if (c < 0x20 || c == 0x7f)
      return std::nullopt;
    decoded += static_cast<char>(c);
  }
  return decoded;
}

/// The text up to `separator`, which is dropped with it from `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
  auto end = rest.find(separator);
  auto part = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return part;
}

} // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/'))
    path.remove_prefix(1);
  for (;;) {
    auto slash = path.find('/');
    auto segment = percent_decoded(path.substr(0, slash));
    if (!segment)
      return std::nullopt;
    segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos)
      return segments;
    path.remove_prefix(slash + 1);
  }
}

std::optional<std::map<std::string, std::string>> query_fields(std::string_view query) {
  std::map<std::string, std::string> fields;
  while (!query.empty()) {
    auto pair = take_until(query, '&');
    if (pair.empty())
      continue;
    auto name = percent_decoded(take_until(pair, '='));
    auto value = percent_decoded(pair);
    if (!name || !value || !fields.emplace(std::move(*name), std::move(*value)).second)
      return std::nullopt;
  }
  return fields;
}

} // namespace plenary
