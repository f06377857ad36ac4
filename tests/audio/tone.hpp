#pragma once

#include "actors/audio/frame.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <random>
#include <span>

namespace plenary::audio {

/// A sine at the mixing rate that goes on from frame to frame.
class tone {
public:
  tone(double hz, double amplitude)
      : step_(2 * std::numbers::pi * hz / sample_rate)
      , amplitude_(amplitude) {}

  frame next() {
    frame pcm;
    for (auto& sample : pcm) {
      sample = static_cast<std::int16_t>(std::lrint(amplitude_ * std::sin(phase_)));
      phase_ = std::fmod(phase_ + step_, 2 * std::numbers::pi);
    }
    return pcm;
  }

private:
  double step_;
  double amplitude_;
  double phase_ = 0;
};

/// Something like speech: a glottal pulse train of wandering pitch through a resonance, in syllables.
class speech {
public:
  explicit speech(unsigned seed)
      : random_(seed) {}

  frame next() {
    frame pcm;
    for (auto& sample : pcm) {
      const auto seconds = static_cast<double>(count_++) / sample_rate;
      const auto pitch = 120 + 15 * std::sin(2 * std::numbers::pi * 0.7 * seconds);
      phase_ += pitch / sample_rate;
      double pulse = 0;
      if (phase_ >= 1) {
        phase_ -= 1;
        pulse = 1;
      }
      const auto breath = 0.02 * (static_cast<double>(random_() % 2001) / 1000 - 1);
      const auto input = pulse + breath;
      const auto output = input + 1.96 * last_ - 0.965 * before_;
      before_ = last_;
      last_ = output;
      const auto syllable = 0.55 + 0.45 * std::sin(2 * std::numbers::pi * 3 * seconds);
      sample = static_cast<std::int16_t>(std::clamp(700 * syllable * output, -30000.0, 30000.0));
    }
    return pcm;
  }

private:
  std::mt19937 random_;
  std::uint64_t count_ = 0;
  double phase_ = 0;
  double last_ = 0;
  double before_ = 0;
};

/// Amplitude of the sine of `hz` in `pcm` (a one-bin Fourier transform).
inline double amplitude_at(std::span<const std::int16_t> pcm, double hz) {
  double real = 0;
  double imaginary = 0;
  for (std::size_t i = 0; i < pcm.size(); ++i) {
    const auto angle = 2 * std::numbers::pi * hz * static_cast<double>(i) / sample_rate;
    real += pcm[i] * std::cos(angle);
    imaginary += pcm[i] * std::sin(angle);
  }
  return 2 * std::hypot(real, imaginary) / static_cast<double>(pcm.size());
}

inline double rms(std::span<const std::int16_t> pcm) {
  double energy = 0;
  for (const auto sample : pcm)
    energy += static_cast<double>(sample) * sample;
  return std::sqrt(energy / static_cast<double>(pcm.size()));
}

/// Largest step between two neighbouring samples.
inline int largest_step(std::span<const std::int16_t> pcm) {
  int largest = 0;
  for (std::size_t i = 1; i < pcm.size(); ++i)
    largest = std::max(largest, std::abs(pcm[i] - pcm[i - 1]));
  return largest;
}

} // namespace plenary::audio
