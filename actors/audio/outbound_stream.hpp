#pragma once

#include "actors/audio/codec.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace plenary::audio {

/// One encoder and what it sends: speech while there is any, then enough silence for the codec to settle,
/// then nothing (DTX) or the settled payload again and again, without encoding.
class outbound_stream {
public:
  /// Between two comfort payloads of one listener while the stream sends nothing.
  static constexpr std::uint64_t comfort_period = 20;

  outbound_stream(const encoding& format, std::unique_ptr<encoder> codec);

  /// Makes the payload of this tick. `silent`: `pcm` is digital silence. True when the encoder ran.
  bool run(const frame& pcm, bool silent);

  /// What to send on this tick; empty: nothing.
  std::span<const std::uint8_t> payload() const { return {payload_.data(), size_}; }

  /// What a listener gets once in `comfort_period` ticks while payload() is empty, so that neither its
  /// decoder nor a NAT on the way takes the stream for dead.
  static std::span<const std::uint8_t> comfort();

  /// True when payload() begins a talkspurt (RFC 3551 section 4.1).
  bool begins_talkspurt() const { return marker_; }

  /// Ticks of digital silence so far; 0 while there is sound.
  std::uint32_t silent_ticks() const { return silent_ticks_; }

  /// Continues another stream of the same encoding without a seam.
  void copy_from(const outbound_stream& other);

  /// As new, for listeners who have heard nothing of it.
  void reset();

private:
  void mark();

  encoding format_;
  std::unique_ptr<encoder> codec_;
  std::uint32_t settle_ticks_;
  std::uint32_t silent_ticks_ = 0;
  std::size_t size_ = 0;
  bool in_gap_ = true;
  bool marker_ = false;
  std::array<std::uint8_t, max_encoded_bytes> payload_{};
};

} // namespace plenary::audio
