#pragma once

#include "schema/result.hpp"

#include <nlohmann/json.hpp>

#include <cstddef>
#include <string_view>

namespace plenary {

/// Limits of a document that comes from outside.
struct json_limits {
  std::size_t max_bytes = 64 * 1024;
  int max_depth = 32;
};

/// Parses a document strictly: no duplicate member, no NUL byte or BOM, valid UTF-8, bounded size and depth.
/// Fails with `malformed` (the sentence names line and column or the member) or `limit_reached`.
result<nlohmann::json> parse_json(std::string_view text, const json_limits& limits = {});

/// Compact text; bytes that are not UTF-8 become U+FFFD instead of failing.
std::string to_text(const nlohmann::json& document);

} // namespace plenary
