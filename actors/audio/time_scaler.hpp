#pragma once

#include "actors/audio/media_clock.hpp"
#include "actors/audio/sample_fifo.hpp"

namespace plenary::audio {

/// Shortens or lengthens speech without changing its pitch: takes out or repeats one pitch period at the
/// front of the queue, with a cross-fade over the period. Pure functions; they return the samples removed or
/// added, 0 when the sound there is not periodic enough and `urgent` is false.

/// Removes at most `wanted` samples rounded up to a period; in silence exactly as many as `wanted` and as
/// fit.
sample_count shorten(sample_fifo& queue, sample_count wanted, bool urgent);

/// Adds about `wanted` samples: one period, or in silence exactly as many as `wanted` up to 10 ms.
sample_count lengthen(sample_fifo& queue, sample_count wanted, bool urgent);

} // namespace plenary::audio
