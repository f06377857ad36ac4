#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace plenary::sound_bench {

/// Sound of a telephone's band at 8 kHz.
using narrow_sound = std::vector<std::int16_t>;

/// Half an hour of speech (espeak-ng: eight languages, many voices and pitches) and as much of music (chords,
/// melodies of two sines beside the frequencies of keys, whistles, glides in
/// fifths and octaves), in which nobody presses a key.
std::vector<std::pair<std::string, narrow_sound>> sounds_without_keys();

/// Music on hold: chords of instruments, one after another.
narrow_sound chords(std::size_t samples, unsigned seed);

} // namespace plenary::sound_bench
