#include "schema/participation_fields.hpp"

#include <algorithm>

namespace plenary {

namespace {

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20 || byte == 0x7f;
}

/// Of valid UTF-8: every byte that does not continue a character.
std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char byte) { return (byte & 0xc0) != 0x80; }));
}

bool is_label(std::string_view text) {
  return std::none_of(text.begin(), text.end(), is_control) && characters(text) <= max_label_characters;
}

std::optional<level_setting> read_level(json_fields& fields) {
  const auto automatic = fields.optional_boolean("levelling");
  const auto gain = fields.optional_number("gain_db", -most_gain_db, most_gain_db);
  if (gain && automatic.value_or(false))
    fields.reject("gain_db", "is a fixed gain, which \"levelling\": true leaves no room for");
  if (!gain && !automatic)
    return std::nullopt;
  return level_setting{automatic.value_or(false), gain.value_or(0)};
}

} // namespace

participation_change read_participation(json_fields& fields, bool label_may_be_empty) {
  participation_change read;
  read.muted = fields.optional_boolean("mute");
  read.end_on_exit = fields.optional_boolean("end_on_exit");
  read.label = fields.optional_text("label");
  if (read.label && (!is_label(*read.label) || (read.label->empty() && !label_may_be_empty)))
    fields.reject("label", "must be 1 to 64 characters of text without control characters");
  read.level = read_level(fields);
  read.deaf = fields.optional_boolean("deaf");
  read.hear_gain_db = fields.optional_number("hear_gain_db", -most_gain_db, most_hear_gain_db);
  return read;
}

} // namespace plenary
