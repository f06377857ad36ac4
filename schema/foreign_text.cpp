#include "schema/foreign_text.hpp"

#include <algorithm>
#include <cstdint>

namespace plenary {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// First byte's kind: how long the character is and which second bytes are allowed (RFC 3629 section 4).
struct sequence_rule {
  std::uint8_t first;
  std::uint8_t last;
  std::size_t length;
  std::uint8_t second_least;
  std::uint8_t second_most;
};

constexpr sequence_rule sequence_rules[] = {
    {0x20, 0x7E, 1, 0, 0},       {0xC2, 0xC2, 2, 0xA0, 0xBF}, // C2 80 to C2 9F are control characters
    {0xC3, 0xDF, 2, 0x80, 0xBF}, {0xE0, 0xE0, 3, 0xA0, 0xBF}, {0xE1, 0xEC, 3, 0x80, 0xBF},
    {0xED, 0xED, 3, 0x80, 0x9F}, {0xEE, 0xEF, 3, 0x80, 0xBF}, {0xF0, 0xF0, 4, 0x90, 0xBF},
    {0xF1, 0xF3, 4, 0x80, 0xBF}, {0xF4, 0xF4, 4, 0x80, 0x8F}};

std::uint8_t byte_at(std::string_view text, std::size_t index) {
  return static_cast<std::uint8_t>(text[index]);
}

/// Bytes of the printable character at the start of the text; 0 when none stands there.
std::size_t character_length(std::string_view text) {
  const auto* rule =
      std::find_if(std::begin(sequence_rules), std::end(sequence_rules), [&](const sequence_rule& each) {
        return byte_at(text, 0) >= each.first && byte_at(text, 0) <= each.last;
      });
  if (rule == std::end(sequence_rules) || text.size() < rule->length)
    return 0;
  for (std::size_t i = 1; i < rule->length; ++i) {
    const auto least = i == 1 ? rule->second_least : std::uint8_t{0x80};
    const auto most = i == 1 ? rule->second_most : std::uint8_t{0xBF};
    if (byte_at(text, i) < least || byte_at(text, i) > most)
      return 0;
  }
  return rule->length;
}

/// Bytes to skip that one replacement stands for: a C1 control character is one, other bytes are one each.
std::size_t unprintable_length(std::string_view text) {
  return text.size() > 1 && byte_at(text, 0) == 0xC2 && byte_at(text, 1) >= 0x80 && byte_at(text, 1) <= 0x9F
             ? 2
             : 1;
}

} // namespace

std::string cut_foreign_text(std::string_view text, std::size_t most) {
  std::string shown;
  while (!text.empty()) {
    const auto length = character_length(text);
    const auto next = length > 0 ? text.substr(0, length) : replacement;
    if (shown.size() + next.size() > most)
      break;
    shown += next;
    text.remove_prefix(length > 0 ? length : unprintable_length(text));
  }
  return shown;
}

} // namespace plenary
