#pragma once

#include "actors/audio/frame.hpp"

#include <cstdint>
#include <span>

namespace plenary::audio {

/// Length of a talker's way into and out of the mix: 5 ms, too short to hear, too long to click.
inline constexpr std::size_t fade_samples = 240;

/// Lets the first `fade_samples` of a frame grow from silence.
void fade_in(frame& pcm);

/// Turns the last frame of a talker who is gone into the next one: its wave as linear prediction continues
/// it, faded out. Neither the wave nor its slope has a step and no packet is needed, so a muted or removed
/// talker leaves without a click. Costs about 60 us.
void continue_tail(frame& last);

/// How far a fade over `length` samples has come at sample `i`: from 0 to 1, without reaching either.
inline double fade_weight(std::size_t i, std::size_t length) {
  return (static_cast<double>(i) + 0.5) / static_cast<double>(length);
}

/// The start of `to` glides from `from` into itself, over the length of the shorter one.
void cross_fade(std::span<const std::int16_t> from, std::span<std::int16_t> to);

} // namespace plenary::audio
