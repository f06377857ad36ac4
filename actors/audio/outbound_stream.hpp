#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/comfort_loop.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>

namespace plenary::audio {

/// One encoder and what it sends: speech while there is any, then enough silence for the codec to settle,
/// then nothing (DTX) or the settled payload again and again, without encoding. With comfort noise silence is
/// the room's steady noise, and what is sent without encoding comes from its loop.
class outbound_stream {
public:
  /// Between two comfort payloads of one listener while the stream sends nothing.
  static constexpr std::uint64_t comfort_period = 20;

  /// `comfort` may be null: no comfort noise.
  outbound_stream(const encoding& format, std::unique_ptr<encoder> codec, const comfort_loop* comfort);

  /// Takes the sound of tick `number`; packets of more than one frame end on ticks that all streams of their
  /// length share. `silent`: `pcm` is digital silence, or steady noise of step `noise`. True when the encoder
  /// ran.
  bool run(const frame& pcm, bool silent, std::uint64_t number, std::size_t noise);

  /// What to send on this tick; empty: nothing.
  std::span<const std::uint8_t> payload() const { return {payload_.data(), due_ ? first_size_ : 0}; }

  /// The second half of a tick that is sent as two packets of 10 ms; empty: there is none.
  std::span<const std::uint8_t> second_payload() const {
    return {payload_.data() + first_size_, due_ ? size_ - first_size_ : 0};
  }

  /// The tick with which the packet that ends on tick `number` begins.
  std::uint64_t first_tick(std::uint64_t number) const { return number - (frames_ - 1); }

  /// What the listener of that number gets while payload() is empty: once in about `comfort_period` ticks,
  /// spread over the listeners, a packet so that neither its decoder nor a NAT on the way takes the stream
  /// for dead; with comfort noise the pause that begins behind it is told too. Else nothing.
  std::span<const std::uint8_t> comfort_for(std::uint32_t listener, std::uint64_t number) const;

  /// True when payload() begins a talkspurt (RFC 3551 section 4.1).
  bool begins_talkspurt() const { return marker_; }

  /// Ticks of silence so far; 0 while there is sound.
  std::uint32_t silent_ticks() const { return silent_ticks_; }

  /// Continues another stream of the same encoding without a seam.
  void copy_from(const outbound_stream& other);

  /// As new, for listeners who have heard nothing of it.
  void reset();

private:
  void collect(const frame& pcm, bool silent, std::uint64_t number);
  void encode(const frame& pcm);
  void repeat_silence();
  void take_from_loop(std::uint64_t number, bool begins);
  void mark();

  encoding format_;
  std::unique_ptr<encoder> codec_;
  const comfort_loop* comfort_;
  std::size_t frames_; ///< ticks that a packet holds
  std::uint32_t settle_ticks_;
  std::uint32_t silent_ticks_ = 0;
  std::size_t size_ = 0;
  std::size_t first_size_ = 0; ///< of the first packet of two, or the only one
  bool due_ = false;           ///< a packet ends with this tick
  bool sound_ = false;         ///< the packet is not all silence
  bool in_gap_ = true;
  bool marker_ = false;
  bool settled_ = false; ///< nothing is encoded: the latest packet was silence like those before
  std::size_t noise_ = 0;
  std::array<std::uint8_t, max_encoded_bytes> payload_{};
  std::uint64_t packet_ = 0;                       ///< number of the packet that is being collected
  std::array<frame, max_packet_frames> pending_{}; ///< its sound so far; unused by packets of one frame
};

} // namespace plenary::audio
