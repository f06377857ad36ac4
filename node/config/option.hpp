#pragma once

#include "node/config/configuration.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace plenary {

/// A value as it stands in the file, before anything is known of its option.
struct raw_value {
  /// `std::monostate`: a value that no option takes (date, float, table, mixed array).
  std::variant<std::monostate, bool, std::int64_t, std::string, std::vector<std::string>> value;
  std::string_view type_name; ///< for error texts, for example `integer`
};

/// What an option accepts beyond its type.
struct option_limits {
  std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t most = std::numeric_limits<std::int64_t>::max();
  bool required = false;                                    ///< must be present and not empty
  bool secret = false;                                      ///< shown as `***`, never part of an error text
  result<void> (*check)(const std::string& text) = nullptr; ///< of a text that is not empty
  std::string_view form{};                                  ///< of the text, for hints and the document
  std::string (*shown)(const std::string& text) = nullptr;  ///< the TOML text without its secret part
  bool live = false;                                        ///< a running node takes it at SIGHUP
};

/// Reading and writing of one type of value; every specialisation has `type`, `read` and `write`.
template <class T>
struct value_format;

/// One option of a section: everything that is known of it.
template <class Section>
struct option {
  std::string_view key;
  std::string_view type;
  result<void> (*read)(Section& section, const raw_value& value, const option_limits& limits);
  std::string (*write)(const Section& section); ///< as TOML
  bool (*empty)(const Section& section);        ///< text or list without content
  option_limits limits;
  std::string_view sentence;
};

/// `value_format` of one member, as plain functions.
template <auto Member>
struct bound;

template <class Section, class T, T Section::*Member>
struct bound<Member> {
  static result<void> read(Section& section, const raw_value& value, const option_limits& limits) {
    auto parsed = value_format<T>::read(value, limits);
    if (!parsed)
      return tl::unexpected<error>(parsed.error());
    section.*Member = std::move(*parsed);
    return {};
  }
  static std::string write(const Section& section) { return value_format<T>::write(section.*Member); }
  static bool empty(const Section& section) {
    auto text = write(section);
    return text == "\"\"" || text == "[]";
  }
  static constexpr option<Section> make(std::string_view key, option_limits limits,
                                        std::string_view sentence) {
    return {key, value_format<T>::type, &read, &write, &empty, limits, sentence};
  }
};

/// A row of an option table.
template <auto Member>
constexpr auto declare(std::string_view key, option_limits limits, std::string_view sentence) {
  return bound<Member>::make(key, limits, sentence);
}

/// The TOML text of a basic string, escaped.
std::string toml_string(std::string_view text);

} // namespace plenary
