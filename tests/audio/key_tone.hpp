#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <random>
#include <string_view>
#include <vector>

namespace plenary::audio {

/// The tones of a telephone's key as some telephone sends them.
struct key_tone {
  char key = '5';
  double dbm0 = -10;  ///< of each of the two tones
  double twist = 0;   ///< dB by which the column is louder (positive) or the row
  double row_off = 0; ///< part of the frequency by which the tone is off
  double column_off = 0;
};

/// Amplitude of a sine of that level in 16-bit samples (ITU-T G.711: +3.14 dBm0 is the loudest).
inline double amplitude_of_dbm0(double dbm0) {
  return 32124 * std::pow(10, (dbm0 - 3.14) / 20);
}

/// What a telephone sends, in milliseconds of tones, silence and noise.
class telephone_sound {
public:
  explicit telephone_sound(int rate, unsigned seed = 1)
      : rate_(rate)
      , random_(seed) {}

  telephone_sound& press(const key_tone& tone, double ms) {
    constexpr std::string_view keys = "123A456B789C*0#D";
    constexpr double rows[] = {697, 770, 852, 941};
    constexpr double columns[] = {1209, 1336, 1477, 1633};
    const auto index = keys.find(tone.key);
    sine(rows[index / 4] * (1 + tone.row_off), tone.dbm0 + std::min(0.0, -tone.twist), ms, 0);
    sine(columns[index % 4] * (1 + tone.column_off), tone.dbm0 + std::min(0.0, tone.twist), ms, -1);
    return *this;
  }

  telephone_sound& rest(double ms) {
    wave_.resize(wave_.size() + samples(ms));
    return *this;
  }

  /// A tone: behind what there is, or (`place` -1) into the latest one.
  telephone_sound& sine(double hz, double dbm0, double ms, int place = 0) {
    const double amplitude = amplitude_of_dbm0(dbm0);
    if (place == 0) {
      latest_ = wave_.size();
      rest(ms);
    }
    const double phase = std::uniform_real_distribution<>(0, 6)(random_);
    for (std::size_t i = latest_; i < wave_.size(); ++i)
      wave_[i] += amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / rate_ + phase);
    return *this;
  }

  /// Something under all that there is so far.
  telephone_sound& over_noise(double dbm0) {
    std::normal_distribution<> normal(0, amplitude_of_dbm0(dbm0) / std::numbers::sqrt2);
    for (auto& sample : wave_)
      sample += normal(random_);
    return *this;
  }
  telephone_sound& over_sine(double hz, double dbm0) {
    latest_ = 0;
    return sine(hz, dbm0, 0, -1);
  }

  std::size_t size() const { return wave_.size(); }
  std::vector<std::int16_t> samples() const {
    std::vector<std::int16_t> made(wave_.size());
    for (std::size_t i = 0; i < made.size(); ++i)
      made[i] = static_cast<std::int16_t>(std::lrint(std::clamp(wave_[i], -32124.0, 32124.0)));
    return made;
  }

private:
  std::size_t samples(double ms) const { return static_cast<std::size_t>(ms * rate_ / 1000); }

  int rate_;
  std::mt19937 random_;
  std::vector<double> wave_;
  std::size_t latest_ = 0;
};

inline constexpr std::string_view all_keys = "123A456B789C*0#D";

} // namespace plenary::audio
