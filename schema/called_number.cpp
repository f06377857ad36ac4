#include "schema/called_number.hpp"

#include <charconv>

namespace plenary {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// The digits of a number with an optional `+`, or nothing when there is anything else in it.
std::optional<std::string> digits_of(std::string_view text) {
  if (text.starts_with('+'))
    text.remove_prefix(1);
  std::string digits;
  for (char c : text)
    if (is_digit(c))
      digits += c;
    else if (c != '-' && c != '.' && c != '(' && c != ')')
      return std::nullopt;
  if (digits.empty())
    return std::nullopt;
  return digits;
}

} // namespace

std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const char* from = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size() && std::from_chars(from, from + 2, value, 16).ptr == from + 2) {
      plain += static_cast<char>(value);
      i += 2;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

std::optional<std::string> to_e164(std::string_view user) {
  auto plain = unescape(user.substr(0, user.find(';')));
  auto digits = digits_of(plain);
  if (!digits)
    return std::nullopt;
  if (!plain.starts_with('+') && digits->starts_with("00"))
    digits->erase(0, 2);
  if (digits->size() < 7 || digits->size() > 15 || digits->starts_with('0'))
    return std::nullopt;
  return "+" + *digits;
}

std::string did_key(std::string_view user) {
  // Parameters may stand inside the user part: `+15551230002;npdi` (RFC 4694).
  auto plain = unescape(user.substr(0, user.find(';')));
  if (auto number = to_e164(plain))
    return *number;
  if (auto digits = digits_of(plain)) // `+00` is no number, and `00` would be the prefix of one
    return (plain.starts_with('+') && digits->starts_with("00") ? "+" : "") + *digits;
  return plain;
}

} // namespace plenary
