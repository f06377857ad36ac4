#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::base64 {

/// Base64 with padding (RFC 4648 section 4).
std::string encode(std::span<const std::uint8_t> bytes);

/// The bytes of a base64 text, padded or not; nothing for foreign characters, impossible lengths or stray
/// bits.
std::optional<std::vector<std::uint8_t>> decode(std::string_view text);

} // namespace plenary::base64
