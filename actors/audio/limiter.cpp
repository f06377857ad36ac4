#include "actors/audio/limiter.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace plenary::audio {
namespace {

// -1.5 dBFS: a lossy codec's decoder overshoots what it was given (Opus at 24 kbit/s by 1.2 dB in
// bench/sound).
constexpr float ceiling = 27571.0F;
constexpr std::int32_t largest_bits = 0x3fff; // below it no sample needs a look of its own

// After a peak the gain rests for longer than a beat of two voices lasts, then comes back by 6 dB a second,
// too slow to be heard as pumping.
constexpr int hold_blocks = 1000;
constexpr float nearly = 1.06F; // a peak within 0.5 dB of the one that set the gain renews the hold
constexpr float release = 1.00069F;

// -80 dB below unity the last step to exact pass-through cannot be heard.
constexpr float idle_gain = 0.9999F;

/// Bits that some sample uses beyond its sign: above 15 bits means that the frame exceeds 16-bit full scale.
std::int32_t magnitude_bits(const wide_frame& mix) {
  std::int32_t bits = 0;
  for (const auto sample : mix)
    bits |= sample ^ (sample >> 31);
  return bits;
}

float peak(const std::int32_t* block, std::size_t samples) {
  float highest = 0;
  for (std::size_t i = 0; i < samples; ++i)
    highest = std::max(highest, std::abs(static_cast<float>(block[i])));
  return highest;
}

std::int16_t apply(std::int32_t sample, float gain) {
  return static_cast<std::int16_t>(std::lrintf(static_cast<float>(sample) * gain));
}

} // namespace

void limiter::process(const wide_frame& mix, frame& out) {
  if (gain_ == 1 && magnitude_bits(mix) <= largest_bits) {
    for (std::size_t i = 0; i < frame_samples; ++i)
      out[i] = static_cast<std::int16_t>(mix[i]);
    return;
  }
  limit(mix, out);
}

void limiter::limit(const wide_frame& mix, frame& out) {
  std::array<float, block_count + 1> allowed{};
  for (std::size_t block = 0; block < block_count; ++block) {
    const float highest = peak(mix.data() + block * block_samples, block_samples);
    allowed[block] = highest > ceiling ? ceiling / highest : 1.0F;
  }
  allowed[block_count] = 1;

  for (std::size_t block = 0; block < block_count; ++block) {
    const auto* in = mix.data() + block * block_samples;
    auto* to = out.data() + block * block_samples;
    // The end of a block is the start of the next: it must suit both.
    const float bound = std::min(allowed[block], allowed[block + 1]);
    if (gain_ > allowed[block]) {
      attack(in, to, bound);
      continue;
    }
    const bool needed = allowed[block] < 1 && allowed[block] < gain_ * nearly;
    held_ = needed ? hold_blocks : std::max(0, held_ - 1);
    float end = std::min(bound, held_ > 0 ? gain_ : gain_ * release);
    if (end > idle_gain && bound == 1)
      end = 1;
    const float step = (end - gain_) / static_cast<float>(block_samples);
    for (std::size_t i = 0; i < block_samples; ++i)
      to[i] = apply(in[i], gain_ + step * static_cast<float>(i));
    gain_ = end;
  }
}

void limiter::attack(const std::int32_t* in, std::int16_t* out, float target) {
  // Only at the start of a frame can the past demand more gain than the first block allows: fall until the
  // first sample that would exceed, then hold.
  std::size_t first = 0;
  while (first < block_samples && std::abs(static_cast<float>(in[first])) * gain_ <= ceiling)
    ++first;
  const float step = (target - gain_) / static_cast<float>(std::max<std::size_t>(first, 1));
  for (std::size_t i = 0; i < block_samples; ++i)
    out[i] = apply(in[i], i < first ? gain_ + step * static_cast<float>(i) : target);
  gain_ = target;
  held_ = hold_blocks;
}

} // namespace plenary::audio
