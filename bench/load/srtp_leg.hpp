#pragma once

#include "schema/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace plenary::load {

/// Both directions of one caller's SRTP (RFC 3711, AES_CM_128_HMAC_SHA1_80), straight on libsrtp2, so that
/// the bench shares no code with what it measures.
class srtp_leg {
public:
  /// Keys as they stand in a=crypto lines. Fails with `malformed`.
  static result<std::unique_ptr<srtp_leg>> make(const std::string& own_key, const std::string& server_key);
  ~srtp_leg();
  srtp_leg(const srtp_leg&) = delete;
  srtp_leg& operator=(const srtp_leg&) = delete;

  /// Protects the first `size` bytes in place; the span needs 20 bytes more. The new size, 0 on failure.
  std::size_t protect(std::span<std::uint8_t> packet, std::size_t size);

  /// Opens a packet in place; the new size, 0 when it is forged.
  std::size_t unprotect(std::span<std::uint8_t> packet);

private:
  struct sessions;
  explicit srtp_leg(std::unique_ptr<sessions> made);
  std::unique_ptr<sessions> sessions_;
};

/// A fresh random key and salt in base64.
std::string make_inline_key();

} // namespace plenary::load
