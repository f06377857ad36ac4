#include "actors/audio/background_floor.hpp"

#include <algorithm>

namespace plenary::audio {
namespace {

constexpr std::uint8_t window_frames = 50; // 1 s
constexpr float floor_smoothing = 0.3F;

// The quietest stretch of noise lies about 1.5 dB below its mean.
constexpr float over_quietest = 1.5F;
constexpr float loudest_glow = -42;

// A frame this far below the background is no frame of it; the fade that ends a sound is shorter than one.
constexpr float thin_by = 6;
constexpr float thin_end_by = 1.5F;

} // namespace

void background_floor::take(dbov level, bool concealed) {
  thin_ = level < quietest() - (concealed ? thin_end_by : thin_by);
  if (concealed)
    return;
  smooth_ = smooth_ == 0 ? level.value : smooth_ + floor_smoothing * (level.value - smooth_);
  now_ = std::min(now_, smooth_);
  if (++frames_ < window_frames)
    return;
  earlier_ = now_;
  now_ = 0;
  frames_ = 0;
}

dbov background_floor::heard() const {
  if (smooth_ == 0)
    return silence_level;
  return dbov{std::min(std::min(smooth_, quietest().value + over_quietest) + gain_, loudest_glow)};
}

dbov background_floor::quietest() const {
  return dbov{std::min(earlier_, now_)};
}

} // namespace plenary::audio
