#pragma once

#include "actors/audio/receive_stream.hpp"
#include "tests/audio/simulated_network.hpp"

namespace plenary::audio {

inline std::uint8_t payload_type_of(codec_kind kind) {
  switch (kind) {
  case codec_kind::opus:
    return 96;
  case codec_kind::g722:
    return 9;
  case codec_kind::pcmu:
    return 0;
  case codec_kind::pcma:
    return 8;
  }
  return 127;
}

inline constexpr codec_kind all_kinds[] = {codec_kind::opus, codec_kind::g722, codec_kind::pcmu,
                                           codec_kind::pcma};

inline std::vector<scheduled> tone_packets(codec_kind kind, double hz, std::size_t frames) {
  encoding format{.codec = kind, .bitrate = kind == codec_kind::opus ? 32000 : 0, .dtx = false};
  return packets_of(tone(hz, 8000), format, frames, payload_type_of(kind));
}

/// Largest step of a clean sine of that frequency and amplitude 8000, with some room for codec noise.
inline int steepest(double hz) {
  return static_cast<int>(1.3 * 8000 * 2 * std::numbers::pi * hz / sample_rate) + 150;
}

} // namespace plenary::audio
