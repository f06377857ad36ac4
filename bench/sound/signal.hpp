#pragma once

#include "actors/audio/frame.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace plenary::sound_bench {

/// Mono sound at the mixing rate; full scale is 1.
using signal = std::vector<float>;

/// Samples of so many milliseconds at the mixing rate.
constexpr std::size_t samples_of(int milliseconds) {
  return static_cast<std::size_t>(milliseconds) * audio::sample_rate / 1000;
}

/// RMS level in dBov, -127 at least.
double level_of(std::span<const float> sound);

/// Level of the 20 ms frames that are at most 20 dB below the loudest one: what a voice is as loud as.
double active_level_of(std::span<const float> sound);

/// Brings a voice to `dbov` of active level.
void set_active_level(signal& sound, double dbov);

/// Background of a room or line at `dbov`: noise that falls by 3 dB an octave, the same for a seed.
signal background(std::size_t samples, double dbov, unsigned seed);

/// A sine of `dbov` (a full-scale one has -3.01).
signal sine(std::size_t samples, double hz, double dbov);

/// Adds `part` into `whole` from sample `at` on; what does not fit is left out.
void mix_in(signal& whole, std::span<const float> part, std::size_t at);

/// The `index`-th frame as 16-bit samples; silence behind the end.
audio::frame frame_of(const signal& sound, std::size_t index);

/// 16-bit samples as a signal.
signal to_signal(std::span<const std::int16_t> samples);

/// A text spoken by espeak-ng (a process of its own) in a voice such as "en-us+f2", without the silence
/// around it, at -26 dBov. Throws std::runtime_error when espeak-ng cannot be run.
signal speak(const std::string& text, const std::string& voice);

/// A text spoken like that in a pitch of 0 to 99, at 8 kHz and the loudness that espeak-ng gives it.
std::vector<std::int16_t> speak_narrow(const std::string& text, const std::string& voice, int pitch);

/// 40 words whose first sound is soft (h, f, th, m, v, wh).
const std::vector<std::string>& soft_words();

} // namespace plenary::sound_bench
