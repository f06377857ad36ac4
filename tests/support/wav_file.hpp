#pragma once

#include "schema/result.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

namespace plenary::test {

/// The first channel of a recording.
struct recording {
  int sample_rate = 8000;
  std::vector<std::int16_t> samples;
};

/// Reads a 16-bit PCM WAV file; also one whose writer did not finish the header.
result<recording> read_wav(const std::filesystem::path& file);

/// Writes samples as 16-bit PCM, the same on every channel.
void write_wav(const std::filesystem::path& file, std::span<const std::int16_t> samples, int sample_rate,
               int channels = 1);

} // namespace plenary::test
