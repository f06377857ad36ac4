#include "actors/audio/loss_concealer.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace plenary::audio {

namespace {

constexpr std::size_t lowest_pitch_hz = 67;
constexpr std::size_t highest_pitch_hz = 400;
constexpr std::size_t compared_ms = 20;
constexpr std::size_t hold_ms = 20; // full loudness at first
constexpr std::size_t fade_ms = 40;
constexpr float least_gain =
    0.63F; // a voice goes on: three lost packets stay within 6 dB of it (bench/sound)
constexpr std::size_t blend_ms = 4;

std::int16_t to_sample(float value) {
  return static_cast<std::int16_t>(std::lrint(std::clamp(value, -32768.0F, 32767.0F)));
}

} // namespace

loss_concealer::loss_concealer(int rate)
    : rate_(static_cast<std::size_t>(rate))
    , history_size_(rate_ * compared_ms / 1000 + rate_ / lowest_pitch_hz) {}

void loss_concealer::received(std::span<std::int16_t> pcm) {
  if (missing_ > 0) {
    const auto blended = std::min(pcm.size(), rate_ * blend_ms / 1000);
    for (std::size_t i = 0; i < blended; ++i) {
      const auto weight = (static_cast<float>(i) + 0.5F) / static_cast<float>(blended);
      pcm[i] = to_sample(weight * pcm[i] + (1 - weight) * next_sample());
    }
    missing_ = 0;
  }
  const auto kept = std::span(history_).first(history_size_);
  const auto fresh = pcm.last(std::min(pcm.size(), history_size_));
  std::shift_left(kept.begin(), kept.end(), static_cast<std::ptrdiff_t>(fresh.size()));
  std::copy(fresh.begin(), fresh.end(), kept.end() - static_cast<std::ptrdiff_t>(fresh.size()));
}

void loss_concealer::fill(std::span<std::int16_t> pcm) {
  if (missing_ == 0)
    start_gap();
  for (auto& sample : pcm)
    sample = next_sample();
}

void loss_concealer::reset() {
  history_.fill(0);
  missing_ = 0;
}

void loss_concealer::start_gap() {
  period_ = find_period();
  offset_ = 0;
  const auto start = history_size_ - period_;
  const auto overlap = period_ / 4;
  for (std::size_t i = 0; i < period_; ++i)
    period_samples_[i] = history_[start + i];
  // The last quarter glides into what stood before the period, so that the cycles join without a step.
  for (std::size_t i = 0; i < overlap; ++i) {
    const auto weight = (static_cast<float>(i) + 1) / static_cast<float>(overlap);
    auto& sample = period_samples_[period_ - overlap + i];
    sample = (1 - weight) * sample + weight * history_[start - overlap + i];
  }
}

std::size_t loss_concealer::find_period() const {
  const auto shortest = rate_ / highest_pitch_hz;
  const auto longest = rate_ / lowest_pitch_hz;
  const auto compared = rate_ * compared_ms / 1000;
  const auto* latest = history_.data() + (history_size_ - compared);
  auto best = shortest;
  auto least = std::numeric_limits<std::int64_t>::max();
  for (auto lag = shortest; lag <= longest; ++lag) {
    std::int64_t difference = 0;
    for (std::size_t i = 0; i < compared; ++i)
      difference += std::abs(static_cast<int>(latest[i]) - static_cast<int>(*(latest + i - lag)));
    if (difference < least) {
      least = difference;
      best = lag;
    }
  }
  return best;
}

std::int16_t loss_concealer::next_sample() {
  const auto held = rate_ * hold_ms / 1000;
  const auto fading = rate_ * fade_ms / 1000;
  const auto faded = std::min(fading, missing_ - std::min(missing_, held));
  const auto gain = 1.0F - (1 - least_gain) * static_cast<float>(faded) / static_cast<float>(fading);
  auto value = period_samples_[offset_];
  offset_ = offset_ + 1 == period_ ? 0 : offset_ + 1;
  ++missing_;
  return to_sample(gain * value);
}

} // namespace plenary::audio
