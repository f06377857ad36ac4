#include "actors/audio/delay_estimator.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plenary::audio {

namespace {

using std::chrono::milliseconds;

constexpr sample_count bin_width = samples_in(milliseconds(5));
// Playout may be this much earlier than the target before it is corrected.
constexpr sample_count margin = samples_in(milliseconds(10));
constexpr sample_count base_window = samples_in(milliseconds(2000));
constexpr sample_count peak_window = samples_in(milliseconds(2000));
// A guess: long enough to survive one stall (one packet in 144), short enough to come down within 12 s.
constexpr sample_count half_life = samples_in(milliseconds(2000));
constexpr float quantile = 0.98F;
constexpr float largest_increment = 1e6F;

} // namespace

delay_estimator::delay_estimator(const jitter_limits& limits)
    : least_(samples_in(limits.min_delay))
    , most_(std::max(samples_in(limits.max_delay), least_))
    , target_(least_) {}

void delay_estimator::add(sample_count arrival, sample_count transit, sample_count duration) {
  const auto known = base() != unknown;
  learn_base(arrival, transit);
  follow_base();
  learn_peak(arrival, transit - base());
  // Packets that were held up together are one event: only the first of them counts.
  const auto held_up =
      known && arrival - last_arrival_ < duration / 4 && transit < last_transit_ - duration / 2;
  last_arrival_ = arrival;
  last_transit_ = transit;
  if (held_up)
    return;
  increment_ *= std::exp2(static_cast<float>(duration) / static_cast<float>(half_life));
  const auto bin = static_cast<std::size_t>((transit - base()) / bin_width);
  weights_[std::min(bin, bins - 1)] += increment_;
  if (increment_ > largest_increment) {
    for (auto& weight : weights_)
      weight /= increment_;
    increment_ = 1;
  }
  update_target();
}

sample_count delay_estimator::base() const {
  return std::min(current_least_, previous_least_);
}

void delay_estimator::set_floor(sample_count floor) {
  if (floor == floor_)
    return;
  floor_ = floor;
  update_target();
}

void delay_estimator::restart() {
  current_least_ = unknown;
  previous_least_ = unknown;
  weights_base_ = unknown;
}

void delay_estimator::learn_base(sample_count arrival, sample_count transit) {
  if (arrival - window_start_ > base_window) {
    previous_least_ = arrival - window_start_ > 2 * base_window ? unknown : current_least_;
    current_least_ = unknown;
    window_start_ = arrival;
  }
  current_least_ = std::min(current_least_, transit);
}

void delay_estimator::learn_peak(sample_count arrival, sample_count delay) {
  if (arrival - peak_start_ > peak_window) {
    std::shift_right(peaks_.begin(), peaks_.end(), 1);
    peaks_[0] = 0;
    peak_start_ = arrival;
  }
  peaks_[0] = std::max(peaks_[0], delay);
}

/// Moves the weights when the path became slower, so that a change of route is not taken for jitter. After a
/// faster path the delays above the old base are as good a guess as any.
void delay_estimator::follow_base() {
  if (weights_base_ == unknown || base() < weights_base_)
    weights_base_ = base();
  const auto moved = (base() - weights_base_) / bin_width;
  if (moved == 0)
    return;
  weights_base_ += moved * bin_width;
  std::array<float, bins> followed{};
  for (std::size_t i = 0; i < bins; ++i) {
    const auto bin = std::max<sample_count>(static_cast<sample_count>(i) - moved, 0);
    followed[static_cast<std::size_t>(bin)] += weights_[i];
  }
  weights_ = followed;
}

void delay_estimator::update_target() {
  const auto total = std::accumulate(weights_.begin(), weights_.end(), 0.0F);
  auto covered = 0.0F;
  std::size_t bin = 0;
  while (bin + 1 < bins && covered + weights_[bin] < quantile * total)
    covered += weights_[bin++];
  // When jitter ends its weight goes slowly, but what no packet has needed for seconds is not waited for.
  const auto worst = *std::max_element(peaks_.begin(), peaks_.end()) / bin_width + 1;
  const auto late = std::min(static_cast<sample_count>(bin + 1), worst) * bin_width;
  target_ = std::clamp(std::max(late + margin, floor_), least_, most_);
}

} // namespace plenary::audio
