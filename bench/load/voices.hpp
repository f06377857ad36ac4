#pragma once

#include "schema/result.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace plenary::load {

/// RTP clock of Opus (RFC 7587 section 4.1) and the packet time of every caller, in samples of that clock.
inline constexpr std::uint32_t rtp_clock = 48000;
inline constexpr std::uint32_t frame_samples = 960;

/// Level of every talker's tone: its amplitude against full scale.
inline constexpr double tone_amplitude = 0.1;

/// Payloads that a caller sends again and again; one packet stands for `frames_per_packet` times 20 ms.
struct payload_loop {
  std::vector<std::vector<std::uint8_t>> packets;
  std::uint32_t frames_per_packet = 1;
};

/// A chirp that marks a moment in a talker's loop. Lanes 0 and 1 use bands of their own, so that two talkers
/// of one room are told apart; within a lane the rising and the falling chirp are told apart.
struct mark_shape {
  int lane = 0;
  bool rising = true;
};

/// A mark begins with the first sample of packet `frame` of the talker's loop.
struct loop_mark {
  mark_shape shape;
  std::size_t frame = 0;
};

/// How a talker sounds.
struct talker_voice {
  std::size_t number = 0; ///< over all rooms; picks the tone
  int lane = -1;          ///< of its marks; -1: none
};

/// Frequency of the tone of talker `number`: 40 tones, 12 Hz apart, then again from the first.
double tone_frequency(std::size_t number);

/// The marks of one second of lane `lane`.
std::vector<loop_mark> marks_of_lane(int lane);

/// The chirp at `rate` samples per second, 40 ms.
std::vector<float> chirp(const mark_shape& shape, std::uint32_t rate);

/// One second of a talker: a tone with the level changes of speech (4 Hz), marks, Opus at 32 kbit/s.
result<payload_loop> make_talker_loop(const talker_voice& voice);

/// One second of noise at -50 dBFS, Opus at 24 kbit/s, a packet every 20 ms.
result<payload_loop> make_noise_loop(std::uint32_t seed);

/// A silent caller with DTX: one packet per 400 ms.
result<payload_loop> make_dtx_loop();

} // namespace plenary::load
