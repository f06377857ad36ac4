#include "actors/audio/tone_clamp.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::audio {

namespace {

constexpr float clamp_step = 1.0F / 240; // 5 ms

} // namespace

void tone_clamp::reset(bool closed) {
  closed_ = closed;
  gain_ = closed ? 0 : 1;
}

void tone_clamp::apply(std::span<std::int16_t> pcm, std::size_t from, std::size_t to) {
  to = std::min(to, pcm.size());
  from = std::min(from, to);
  shape(pcm.first(from), false);
  shape(pcm.subspan(from, to - from), true);
  shape(pcm.subspan(to), false);
}

void tone_clamp::go_on(std::span<std::int16_t> pcm) {
  shape(pcm, closed_);
}

void tone_clamp::shape(std::span<std::int16_t> pcm, bool closed) {
  if (pcm.empty())
    return;
  closed_ = closed;
  if (!closed && gain_ >= 1)
    return;
  for (auto& sample : pcm) {
    gain_ = std::clamp(gain_ + (closed ? -clamp_step : clamp_step), 0.0F, 1.0F);
    sample = static_cast<std::int16_t>(std::lrint(gain_ * static_cast<float>(sample)));
  }
}

} // namespace plenary::audio
