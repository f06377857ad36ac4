#pragma once

#include "actors/audio/srtp.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::sdp {

/// An `a=crypto` line that we can use (RFC 4568 section 4). Holds a secret: never logged.
struct crypto_line {
  std::uint32_t tag = 1; ///< 1 to 9 digits
  audio::srtp_keys keys;

  friend bool operator==(const crypto_line&, const crypto_line&) = default;
};

/// Reads the value of an `a=crypto` line. Nothing when we cannot use it: unknown suite, key that is no base64
/// or of the wrong length, MKI, several keys, a lifetime that is no number, or a session parameter that
/// weakens or changes the protection (RFC 4568 section 6.3).
std::optional<crypto_line> parse_crypto(std::string_view value);

/// The value of the `a=crypto` line.
std::string to_string(const crypto_line& line);

} // namespace plenary::sdp
