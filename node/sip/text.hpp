#pragma once

#include <algorithm>
#include <string_view>

namespace plenary::sip_layer {

/// Without blanks and tabs at both ends.
inline std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  return first == std::string_view::npos ? std::string_view{}
                                         : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Where one of these characters first stands outside of quoted texts (RFC 3261 25.1).
inline std::size_t find_unquoted(std::string_view text, std::string_view any_of) {
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (quoted && text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      quoted = !quoted;
    else if (!quoted && any_of.find(text[i]) != std::string_view::npos)
      return i;
  }
  return std::string_view::npos;
}

/// Compares as SIP compares tokens: ASCII letters without case (RFC 3261 7.3.1).
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

} // namespace plenary::sip_layer
