#pragma once

#include "actors/audio/frame.hpp"

namespace plenary::audio {

/// Adds one talker to an exact sum.
void add(wide_frame& sum, const frame& talker);

/// What a talker hears: the exact sum without the talker's own frame, before any limiter.
void subtract(const wide_frame& sum, const frame& own, wide_frame& out);

} // namespace plenary::audio
