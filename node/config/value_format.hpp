#pragma once

#include "actors/webhook/subscription.hpp"
#include "node/config/checks.hpp"
#include "node/config/option.hpp"
#include "node/log/level_name.hpp"

#include <fmt/ranges.h>

#include <array>

namespace plenary {

/// How one type stands as text in a TOML string; every specialisation has `parse`, `text` and `form`.
template <class T>
struct text_format;

inline result<void> wrong_type(const raw_value& value, std::string_view wanted) {
  return fail(errc::malformed, fmt::format("is of type {}, must be {}", value.type_name, wanted));
}

inline result<void> check_text(const std::string& text, const option_limits& limits) {
  if (text.empty() || limits.check == nullptr)
    return {};
  return limits.check(text);
}

template <>
struct value_format<bool> {
  static constexpr std::string_view type = "boolean";
  static result<bool> read(const raw_value& value, const option_limits&) {
    if (const auto* flag = std::get_if<bool>(&value.value))
      return *flag;
    return tl::unexpected<error>(wrong_type(value, type).error());
  }
  static std::string write(bool value) { return value ? "true" : "false"; }
};

template <>
struct value_format<std::int64_t> {
  static constexpr std::string_view type = "integer";
  static result<std::int64_t> read(const raw_value& value, const option_limits& limits) {
    const auto* number = std::get_if<std::int64_t>(&value.value);
    if (number == nullptr)
      return tl::unexpected<error>(wrong_type(value, type).error());
    if (*number < limits.least || *number > limits.most)
      return fail(errc::limit_reached,
                  fmt::format("is {}, must be {} to {}", *number, limits.least, limits.most));
    return *number;
  }
  static std::string write(std::int64_t value) { return std::to_string(value); }
};

template <class Rep, class Period>
struct value_format<std::chrono::duration<Rep, Period>> {
  using number = value_format<std::int64_t>;
  static constexpr std::string_view type = number::type;
  static result<std::chrono::duration<Rep, Period>> read(const raw_value& value,
                                                         const option_limits& limits) {
    return number::read(value, limits).map([](std::int64_t count) {
      return std::chrono::duration<Rep, Period>{static_cast<Rep>(count)};
    });
  }
  static std::string write(std::chrono::duration<Rep, Period> value) { return number::write(value.count()); }
};

/// Every type that stands in a string.
template <class T>
struct value_format {
  static constexpr std::string_view type = "string";
  static result<T> read(const raw_value& value, const option_limits& limits) {
    const auto* text = std::get_if<std::string>(&value.value);
    if (text == nullptr)
      return tl::unexpected<error>(wrong_type(value, type).error());
    if (auto checked = check_text(*text, limits); !checked)
      return tl::unexpected<error>(checked.error());
    return text_format<T>::parse(*text);
  }
  static std::string write(const T& value) { return toml_string(text_format<T>::text(value)); }
};

template <class T>
struct value_format<std::vector<T>> {
  static constexpr std::string_view type = "list of strings";
  static result<std::vector<T>> read(const raw_value& value, const option_limits& limits) {
    const auto* texts = std::get_if<std::vector<std::string>>(&value.value);
    if (texts == nullptr)
      return tl::unexpected<error>(wrong_type(value, type).error());
    if (static_cast<std::uint64_t>(limits.most) < texts->size())
      return fail(errc::limit_reached,
                  fmt::format("holds {} entries, must hold {} at most", texts->size(), limits.most));
    std::vector<T> parsed;
    for (const auto& text : *texts) {
      auto element = text_format<T>::parse(text);
      if (!element)
        return tl::unexpected<error>(element.error());
      parsed.push_back(std::move(*element));
    }
    return parsed;
  }
  static std::string write(const std::vector<T>& values) {
    std::vector<std::string> texts;
    texts.reserve(values.size());
    for (const auto& value : values)
      texts.push_back(toml_string(text_format<T>::text(value)));
    return fmt::format("[{}]", fmt::join(texts, ", "));
  }
};

/// One text, or a list of them.
template <>
struct value_format<media_addresses> {
  static constexpr std::string_view type = "string or list of strings";
  static result<media_addresses> read(const raw_value& value, const option_limits& limits) {
    std::vector<std::string> texts;
    if (const auto* text = std::get_if<std::string>(&value.value); text != nullptr && !text->empty())
      texts.push_back(*text);
    else if (const auto* list = std::get_if<std::vector<std::string>>(&value.value))
      texts = *list;
    else if (text == nullptr)
      return tl::unexpected<error>(wrong_type(value, type).error());
    for (const auto& text : texts)
      if (text.empty())
        return fail(errc::malformed, "holds an empty text, must hold IP addresses");
      else if (auto checked = check_text(text, limits); !checked)
        return tl::unexpected<error>(checked.error());
    return make_media_addresses(texts);
  }
  static std::string write(const media_addresses& value) {
    if (value.texts.size() > 1)
      return value_format<std::vector<std::string>>::write(value.texts);
    return toml_string(value.texts.empty() ? std::string{} : value.texts.front());
  }
};

template <>
struct text_format<std::string> {
  static result<std::string> parse(const std::string& text) { return text; }
  static std::string text(const std::string& value) { return value; }
};

template <>
struct text_format<std::filesystem::path> {
  static result<std::filesystem::path> parse(const std::string& text) { return std::filesystem::path{text}; }
  static std::string text(const std::filesystem::path& value) { return value.string(); }
};

template <class Tag>
struct text_format<named_id<Tag>> {
  static result<named_id<Tag>> parse(const std::string& text) { return named_id<Tag>{text}; }
  static std::string text(const named_id<Tag>& value) { return value.value; }
};

template <>
struct text_format<listen_address> {
  static result<listen_address> parse(const std::string& text) { return parse_listen_address(text); }
  static std::string text(const listen_address& value) { return to_string(value); }
};

template <>
struct text_format<sip_listen_address> {
  static result<sip_listen_address> parse(const std::string& text) { return parse_sip_listen_address(text); }
  static std::string text(const sip_listen_address& value) { return to_string(value); }
};

template <>
struct text_format<port_range> {
  static result<port_range> parse(const std::string& text) { return parse_port_range(text); }
  static std::string text(port_range value) { return to_string(value); }
};

template <>
struct text_format<ip_network> {
  static result<ip_network> parse(const std::string& text) { return parse_ip_network(text); }
  static std::string text(const ip_network& value) { return to_string(value); }
};

template <>
struct text_format<event_subscription> {
  static result<event_subscription> parse(const std::string& text) {
    if (is_subscription(text))
      return event_subscription{text};
    return fail(errc::malformed, fmt::format("holds \"{}\", which is no event of rooms", text));
  }
  static std::string text(const event_subscription& value) { return value.text; }
};

template <>
struct text_format<wanted_header> {
  static result<wanted_header> parse(const std::string& text) {
    if (is_wanted_header(text))
      return wanted_header{text};
    return fail(errc::malformed, fmt::format("holds \"{}\", which is no X- header", text));
  }
  static std::string text(const wanted_header& value) { return value.text; }
};

/// An enumeration whose enumerators 0, 1, ... have these names.
template <class Enum, const auto& Names>
struct enumeration_format {
  static result<Enum> parse(const std::string& text) {
    for (std::size_t i = 0; i < Names.size(); ++i)
      if (Names[i] == text)
        return static_cast<Enum>(i);
    return fail(errc::malformed, fmt::format("is \"{}\", must be one of {}", text, fmt::join(Names, ", ")));
  }
  static std::string text(Enum value) { return std::string{Names[static_cast<std::size_t>(value)]}; }
};

inline constexpr std::array<std::string_view, 3> srtp_policy_names{"off", "optional", "required"};
inline constexpr std::array<std::string_view, 2> answer_method_names{"POST", "GET"};
inline constexpr std::array<std::string_view, 2> partition_policy_names{"split", "hold"};
inline constexpr std::array<std::string_view, 2> cluster_discovery_names{"seeds", "etcd"};

template <>
struct text_format<partition_policy> : enumeration_format<partition_policy, partition_policy_names> {};
template <>
struct text_format<cluster_discovery> : enumeration_format<cluster_discovery, cluster_discovery_names> {};
template <>
struct text_format<log_level> : enumeration_format<log_level, log_level_names> {};
template <>
struct text_format<srtp_policy> : enumeration_format<srtp_policy, srtp_policy_names> {};
template <>
struct text_format<answer_method> : enumeration_format<answer_method, answer_method_names> {};

} // namespace plenary
