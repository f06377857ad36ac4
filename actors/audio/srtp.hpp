#pragma once

#include "schema/result.hpp"

#include <compare>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace plenary::audio {

/// Crypto suites of SDES (RFC 4568 section 6.2, RFC 7714 section 14.2), in our order of preference.
enum class crypto_suite : std::uint8_t { aead_aes_128_gcm, aes_cm_128_hmac_sha1_80 };

/// Name as in an `a=crypto` line.
std::string_view to_string(crypto_suite suite);

/// Bytes of master key and salt together: 28 (GCM: 16 + 12) or 30 (CM: 16 + 14).
std::size_t key_and_salt_size(crypto_suite suite);

/// Master key and salt of one direction. A secret: never logged.
struct srtp_keys {
  crypto_suite suite = crypto_suite::aead_aes_128_gcm;
  std::vector<std::uint8_t> key_and_salt;

  friend bool operator==(const srtp_keys&, const srtp_keys&) = default;
};

/// Bytes that protection adds to a packet at most.
inline constexpr std::size_t max_srtp_overhead = 16 + 4;

/// Streams (SSRCs) of one session that are remembered inbound; the one heard longest ago is forgotten first.
inline constexpr std::size_t max_srtp_streams = 4;

/// One direction of SRTP and SRTCP (RFC 3711). Used by one thread at a time.
class srtp_session {
public:
  enum class direction { outbound, inbound };

  /// Fails with `malformed` (key length) or `internal`. Any SSRC is accepted inbound; replay window 1024.
  static result<std::unique_ptr<srtp_session>> make(const srtp_keys& keys, direction which);

  ~srtp_session();
  srtp_session(const srtp_session&) = delete;
  srtp_session& operator=(const srtp_session&) = delete;

  /// Protects the first `size` bytes of `packet` in place and returns the new size. The span needs
  /// `max_srtp_overhead` bytes of room. 0 on failure.
  std::size_t protect(std::span<std::uint8_t> packet, std::size_t size);
  std::size_t protect_rtcp(std::span<std::uint8_t> packet, std::size_t size);

  /// Checks and opens a packet in place and returns its size; 0 when it is forged, replayed or too short.
  std::size_t unprotect(std::span<std::uint8_t> packet);
  std::size_t unprotect_rtcp(std::span<std::uint8_t> packet);

private:
  struct state;
  explicit srtp_session(std::unique_ptr<state> opened);
  std::unique_ptr<state> state_;
};

} // namespace plenary::audio
