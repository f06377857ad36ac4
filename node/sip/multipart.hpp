#pragma once

#include "schema/result.hpp"

#include <optional>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// What a multipart body may hold; more is refused.
struct multipart_limits {
  static constexpr std::size_t parts = 16;               ///< of all levels together
  static constexpr std::size_t part_header_bytes = 2048; ///< of one part
  static constexpr int nesting = 3;                      ///< levels of multipart
  static constexpr std::size_t boundary_bytes = 70;      ///< RFC 2046 5.1.1
};

/// A body or a part of one, with the headers that say what it is.
struct body_part {
  std::string_view type;        ///< value of Content-Type; empty without
  std::string_view disposition; ///< value of Content-Disposition; empty without
  std::string_view content;
};

/// True when the disposition says that the part may be ignored (RFC 3204 3.1, RFC 5621 4).
bool is_optional(std::string_view disposition);
/// True when it says in so many words that it may not.
bool is_required(std::string_view disposition);

/// `type/subtype` of a Content-Type, as it came; empty when it is none.
std::string_view media_type(std::string_view content_type);

/// The session description in a body: the body itself, or the part that counts (the last of `alternative`,
/// else the first one). Nothing when there is none and nothing else is required; fails with `unsupported`
/// when the body or a required part is something else, with `malformed` beyond the limits or without a
/// boundary.
result<std::optional<std::string_view>> find_sdp(const body_part& body);

} // namespace plenary::sip_layer
