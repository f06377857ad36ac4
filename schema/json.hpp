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
  std::size_t max_members = 10000; ///< of all objects together
};

/// Parses a document strictly: no duplicate member, no NUL byte, valid UTF-8, bounded size, depth and number
/// of members. A byte order mark before it is skipped (RFC 8259 section 8.1). Fails with `malformed` (`no
/// valid JSON: line 1, column 2`, or the sentence names the member) or `limit_reached`.
result<nlohmann::json> parse_json(std::string_view text, const json_limits& limits = {});

/// Compact text; bytes that are not UTF-8 become U+FFFD instead of failing.
std::string to_text(const nlohmann::json& document);

} // namespace plenary
