#include "schema/json_fields.hpp"

#include "schema/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

constexpr std::size_t max_ignored_members = 100; // of one document
constexpr std::size_t max_shown_member = 64;

} // namespace

void json_fields::reject(std::string_view name, std::string_view why) {
  if (!failure_)
    failure_ = error{errc::malformed, fmt::format("{}.{}: {}", path_, name, why)};
}

/// A member that is null counts as absent.
const nlohmann::json* json_fields::find(std::string_view name) {
  known(name);
  auto found = object_.find(std::string{name});
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

std::string json_fields::required_text(std::string_view name) {
  const auto* value = find(name);
  if (!value)
    reject(name, "is required");
  else if (!value->is_string())
    reject(name, "must be a string");
  return value && value->is_string() ? value->get<std::string>() : std::string{};
}

std::string json_fields::choice(std::string_view name, std::initializer_list<std::string_view> allowed) {
  const auto* value = find(name);
  if (!value)
    return std::string{*allowed.begin()};
  const auto* text = value->get_ptr<const std::string*>();
  if (text && std::find(allowed.begin(), allowed.end(), *text) != allowed.end())
    return *text;
  reject(name, fmt::format("must be one of {}", fmt::join(allowed, ", ")));
  return {};
}

std::optional<bool> json_fields::optional_boolean(std::string_view name) {
  const auto* value = find(name);
  if (!value)
    return std::nullopt;
  if (!value->is_boolean())
    reject(name, "must be true or false");
  return value->is_boolean() && value->get<bool>();
}

std::optional<std::string> json_fields::optional_text(std::string_view name) {
  const auto* value = find(name);
  if (!value)
    return std::nullopt;
  if (!value->is_string())
    reject(name, "must be a string");
  return value->is_string() ? value->get<std::string>() : std::string{};
}

std::optional<double> json_fields::optional_number(std::string_view name, double least, double most) {
  const auto* value = find(name);
  if (!value)
    return std::nullopt;
  const bool fits = value->is_number() && *value >= least && *value <= most;
  if (!fits)
    reject(name, fmt::format("must be a number from {} to {}", least, most));
  return fits ? value->get<double>() : 0;
}

int json_fields::integer(std::string_view name, int least, int most, int otherwise) {
  const auto* value = find(name);
  if (!value)
    return otherwise;
  const bool fits = value->is_number_integer() && *value >= least && *value <= most;
  if (!fits)
    reject(name, fmt::format("must be a whole number from {} to {}", least, most));
  return fits ? value->get<int>() : otherwise;
}

void json_fields::add_unknown(std::vector<std::string>& paths) const {
  for (const auto& [name, value] : object_.items())
    if (std::find(known_.begin(), known_.end(), name) == known_.end() && paths.size() < max_ignored_members)
      paths.push_back(fmt::format("{}.{}", path_, cut_foreign_text(name, max_shown_member)));
}

} // namespace plenary
