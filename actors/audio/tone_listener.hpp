#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/packet_ring.hpp"
#include "actors/audio/tone_detector.hpp"

#include <array>
#include <memory>
#include <optional>
#include <span>

namespace plenary::audio {

/// One press of a telephone's key that was heard in the sound; times as its packets arrived.
struct tone_press {
  char key = '0'; ///< 0-9, `*`, `#`, A-D
  mono_time start{};
  mono_time end{};
};

/// The presses that one packet brought to an end: none for nearly all packets.
class tone_presses {
public:
  void add(const tone_press& ended) { presses_[count_++] = ended; }
  std::span<const tone_press> all() const& { return std::span(presses_).first(count_); }
  std::span<const tone_press> all() const&& = delete; ///< it would look at what is gone

  /// A packet lasts 120 ms at most, a press with its gap 57 ms at least; one may end with the packet's gap.
  static constexpr std::size_t most = 8;

private:
  std::array<tone_press, most> presses_{};
  std::size_t count_ = 0;
};

/// Finds the tones of telephone keys in one caller's packets of G.711 and G.722, in the order in which they
/// arrive and before they are played: the jitter buffer is the look-ahead. What is quieter than any tone is
/// not looked at. A packet that comes late is left out; those that were lost leave a gap.
class tone_listener {
public:
  tone_listener();
  ~tone_listener();
  tone_listener(const tone_listener&) = delete;
  tone_listener& operator=(const tone_listener&) = delete;

  /// True for the codecs whose sound can be listened to.
  static bool understands(codec_kind kind);

  /// Takes the next packet and marks in `info.tone` what of it is a tone; gives the presses that ended.
  tone_presses hear(packet_info& info, codec_kind kind, std::span<const std::uint8_t> payload);

  /// A press whose packets have stopped coming for 200 ms. Call it now and then.
  std::optional<tone_press> expire(mono_time now);

  /// Presses that were recognised (and kept out of the sound) since the call before.
  std::uint32_t take_recognised();

private:
  bool follows(const packet_info& info, std::size_t samples, tone_presses& ended);
  void begin_anew(tone_presses& ended);
  tone_press at(const tone_detector::press& found) const;
  std::span<const std::int16_t> decode(codec_kind kind, std::span<const std::uint8_t> payload);
  void listen(std::span<const std::int16_t> pcm, packet_info& info, tone_presses& ended);

  static constexpr std::size_t most_samples = 960; ///< 120 ms

  struct wide_decoder; ///< of G.722, made for the first packet of it
  tone_detector detector_;
  std::unique_ptr<wide_decoder> wide_;
  std::array<std::int16_t, most_samples> pcm_{};
  bool known_ = false; ///< a packet has come
  std::uint32_t ssrc_ = 0;
  std::uint32_t next_timestamp_ = 0;
  std::uint16_t next_sequence_ = 0;
  int late_in_a_row_ = 0;
  std::int64_t latest_end_ = 0; ///< on the detector's clock: where the latest packet ended
  mono_time latest_arrival_{};
  std::uint32_t recognised_ = 0;
};

} // namespace plenary::audio
