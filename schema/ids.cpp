#include "schema/ids.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

constexpr std::string_view call_prefix = "call_";
constexpr std::size_t stamp_size = std::string_view{"20260529T120000.123456789"}.size();

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

std::tm utc(wall_time time) {
  return fmt::gmtime(
      std::chrono::system_clock::to_time_t(std::chrono::time_point_cast<std::chrono::system_clock::duration>(
          std::chrono::floor<std::chrono::seconds>(time))));
}

} // namespace

std::string placement_key(const room_key& key) {
  return key.customer.value + "/" + key.name;
}

bool is_room_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && std::all_of(name.begin(), name.end(), [](char c) {
    return is_alphanumeric(c) || c == '.' || c == '-' || c == '_';
  });
}

bool is_node_name(std::string_view name) {
  return !name.empty() && name.size() <= 63 && name.front() != '-' && name.back() != '-' &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

call_id_source::call_id_source(node_name node)
    : node_(std::move(node)) {}

call_id call_id_source::next(wall_time now) {
  last_ = std::max(now, last_ + std::chrono::nanoseconds{1});
  auto nanoseconds = (last_ - std::chrono::floor<std::chrono::seconds>(last_)).count();
  return call_id{
      fmt::format("{}{:%Y%m%dT%H%M%S}.{:09}_{}", call_prefix, utc(last_), nanoseconds, node_.value)};
}

std::optional<node_name> node_of(const call_id& id) {
  std::string_view text = id.value;
  if (!text.starts_with(call_prefix) || text.size() < call_prefix.size() + stamp_size + 2)
    return std::nullopt;
  text.remove_prefix(call_prefix.size() + stamp_size);
  if (text.front() != '_' || !is_node_name(text.substr(1)))
    return std::nullopt;
  return node_name{std::string{text.substr(1)}};
}

std::string to_rfc3339(wall_time time) {
  auto milliseconds =
      std::chrono::floor<std::chrono::milliseconds>(time - std::chrono::floor<std::chrono::seconds>(time));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", utc(time), milliseconds.count());
}

} // namespace plenary
