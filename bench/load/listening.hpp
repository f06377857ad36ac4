#pragma once

#include "bench/load/cadence.hpp"
#include "bench/load/voices.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace plenary::load {

/// A packet kept for listening after the window.
struct kept_packet {
  mono_time arrival;
  std::uint32_t timestamp = 0;
  std::vector<std::uint8_t> payload;
};

/// A mark's packet left its talker.
struct sent_mark {
  mark_shape shape;
  mono_time sent;
};

/// A mark that a listener heard.
struct heard_mark {
  mono_time sent;
  std::chrono::nanoseconds delay{0}; ///< from the RTP packet in to the RTP packet out
};

/// What one caller heard: 12 kHz samples in frames of 20 ms, each with the arrival time of its packet.
class heard_audio {
public:
  /// Decodes the packets in order of their timestamps; holes are concealed. Fails with `malformed` when a
  /// payload is no Opus packet of 20 ms.
  static result<heard_audio> decode(std::span<const kept_packet> packets);

  /// Level of a tone against the level at which talkers send, in dB, over all whole seconds.
  double tone_level_db(double frequency) const;

  /// Where the mark is heard; empty when it is not within 0.95 s.
  std::optional<heard_mark> find(const sent_mark& mark) const;

private:
  std::vector<float> samples_;
  std::vector<mono_time> arrivals_; // one per frame
};

} // namespace plenary::load
