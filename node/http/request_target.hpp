#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// The decoded parts of a path between its slashes; nothing when an escape is wrong or means a control
/// character. `/v1/rooms/a%20b` gives `v1`, `rooms`, `a b`.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// The decoded `name=value` pairs of a query; nothing when an escape is wrong or a name stands twice.
std::optional<std::map<std::string, std::string>> query_fields(std::string_view query);

} // namespace plenary
