#pragma once

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace plenary {

/// `text` without blanks at both ends.
inline std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Takes the text before `separator` off the front of `rest`, and the separator too; all of it when there is
/// none.
inline std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = rest.find(separator);
  const auto taken = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return taken;
}

/// Takes the next word off the front of `rest`, skipping any blanks around it; empty at the end.
inline std::string_view take_word(std::string_view& rest) {
  constexpr std::string_view blanks = " \t";
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(blanks));
  rest.remove_prefix(word.size());
  rest.remove_prefix(std::min(rest.find_first_not_of(blanks), rest.size()));
  return word;
}

/// The decimal number that `text` is as a whole, without sign or blanks; nothing when it is none or does not
/// fit.
template <class Number>
std::optional<Number> to_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.front() == '-')
    return std::nullopt;
  return number;
}

/// The decimal number that `text` begins with (`20 ms`, `20.0`); nothing when it begins with none.
template <class Number>
std::optional<Number> to_leading_number(std::string_view text) {
  const auto digits = text.substr(0, text.find_first_not_of("0123456789"));
  return digits.empty() ? std::nullopt : to_number<Number>(digits);
}

/// An ASCII letter in lower case, any other character as it is.
inline char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// `text` with its ASCII letters in lower case.
inline std::string to_lower(std::string_view text) {
  std::string lowered{text};
  std::transform(lowered.begin(), lowered.end(), lowered.begin(), [](char c) { return to_lower(c); });
  return lowered;
}

/// Whether both are the same but for the case of ASCII letters: how an ABNF literal is compared (RFC 5234
/// section 2.3).
inline bool same_token(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char one, char other) { return to_lower(one) == to_lower(other); });
}

} // namespace plenary
