#include "actors/audio/time_scaler.hpp"

#include "actors/audio/fade.hpp"

#include <cmath>

namespace plenary::audio {

namespace {

constexpr std::size_t shortest_period = 120; // 400 Hz
constexpr std::size_t longest_period = 720;  // 67 Hz
constexpr std::size_t decimation = 6;        // the coarse search runs at 8 kHz
constexpr std::size_t silence_fade = 120;
constexpr std::size_t most_silence = 480;
constexpr double silence_energy = 60.0 * 60.0; // per sample: -55 dBov, a guess
constexpr double periodic_enough = 0.6;        // a guess: below, a cut can be heard

struct match {
  std::size_t period = 0;
  double likeness = 0; ///< normalised correlation, -1 to 1
};

double likeness(std::span<const std::int16_t> sound, std::size_t period, std::size_t compared,
                std::size_t step) {
  double product = 0;
  double first = 1;
  double second = 1;
  for (std::size_t i = 0; i < compared; i += step) {
    const double a = sound[i];
    const double b = sound[i + period];
    product += a * b;
    first += a * a;
    second += b * b;
  }
  return product / std::sqrt(first * second);
}

match best_of(std::span<const std::int16_t> sound, std::size_t from, std::size_t to, std::size_t step) {
  match best{from, -1};
  for (auto period = from; period <= to; period += step) {
    const auto compared = std::min(sound.size() - period, longest_period);
    if (const auto value = likeness(sound, period, compared, step); value > best.likeness)
      best = {period, value};
  }
  return best;
}

/// The shift at which the sound at the front is most like itself; two periods must fit.
match find_period(std::span<const std::int16_t> sound) {
  const auto longest = std::min(longest_period, sound.size() / 2);
  if (longest < shortest_period)
    return {};
  const auto coarse = best_of(sound, shortest_period, longest, decimation);
  const auto from = std::max(shortest_period, coarse.period - decimation);
  return best_of(sound, from, std::min(longest, coarse.period + decimation), 1);
}

bool is_silent(std::span<const std::int16_t> sound) {
  double energy = 0;
  for (const auto sample : sound)
    energy += static_cast<double>(sample) * sample;
  return energy < silence_energy * static_cast<double>(sound.size());
}

} // namespace

sample_count shorten(sample_fifo& queue, sample_count wanted, bool urgent) {
  const auto sound = queue.samples();
  if (is_silent(sound) && sound.size() > 2 * silence_fade) {
    const auto cut = std::clamp(static_cast<std::size_t>(wanted), silence_fade, sound.size() - silence_fade);
    cross_fade(sound.first(silence_fade), sound.subspan(cut, silence_fade));
    queue.erase(0, cut);
    return static_cast<sample_count>(cut);
  }
  const auto found = find_period(sound);
  if (found.period == 0 || (found.likeness < periodic_enough && !urgent))
    return 0;
  cross_fade(sound.first(found.period), sound.subspan(found.period, found.period));
  queue.erase(0, found.period);
  return static_cast<sample_count>(found.period);
}

sample_count lengthen(sample_fifo& queue, sample_count wanted, bool urgent) {
  const auto sound = queue.samples();
  auto period = std::min(static_cast<std::size_t>(wanted), most_silence);
  if (!is_silent(sound) || sound.size() < 2 * period) {
    const auto found = find_period(sound);
    if (found.likeness < periodic_enough && !urgent)
      return 0;
    period = found.period;
  }
  if (period == 0 || queue.size() + period > sample_fifo::capacity)
    return 0;
  // x[0, p) then x[p, 2p) gliding into x[0, p), then on with x[p, ...).
  std::array<std::int16_t, longest_period> bridge;
  const auto glide = std::span(bridge).first(period);
  std::copy_n(sound.begin(), period, glide.begin());
  cross_fade(sound.subspan(period, period), glide);
  queue.open(period, period);
  std::copy(glide.begin(), glide.end(), queue.samples().begin() + static_cast<std::ptrdiff_t>(period));
  return static_cast<sample_count>(period);
}

} // namespace plenary::audio
