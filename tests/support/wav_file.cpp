#include "tests/support/wav_file.hpp"

#include <cstring>
#include <fstream>
#include <iterator>
#include <string>

namespace plenary::test {

namespace {

// RIFF is little endian, like every machine that the tests run on.
template <class T>
T read_number(const std::string& bytes, std::size_t offset) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

template <class T>
void append_number(std::string& bytes, T value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

} // namespace

result<recording> read_wav(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  if (bytes.size() < 12 || bytes.compare(0, 4, "RIFF") != 0 || bytes.compare(8, 4, "WAVE") != 0)
    return fail(errc::malformed, file.string() + " is no WAV file");
  recording found;
  std::size_t channels = 1;
  for (std::size_t at = 12; at + 8 <= bytes.size();) {
    const auto name = bytes.substr(at, 4);
    const auto body = at + 8;
    const std::size_t size =
        std::min<std::size_t>(read_number<std::uint32_t>(bytes, at + 4), bytes.size() - body);
    if (name == "fmt " && size >= 16) {
      channels = read_number<std::uint16_t>(bytes, body + 2);
      found.sample_rate = static_cast<int>(read_number<std::uint32_t>(bytes, body + 4));
    } else if (name == "data") {
      const std::size_t length = size == 0 ? bytes.size() - body : size; // an unfinished file says 0
      for (std::size_t i = 0; i + 2 * channels <= length; i += 2 * channels)
        found.samples.push_back(read_number<std::int16_t>(bytes, body + i));
      break;
    }
    at = body + size + size % 2;
  }
  return found;
}

void write_wav(const std::filesystem::path& file, std::span<const std::int16_t> samples, int sample_rate,
               int channels) {
  std::string data;
  for (const auto sample : samples)
    for (int channel = 0; channel < channels; ++channel)
      append_number(data, sample);
  std::string bytes = "RIFF";
  append_number(bytes, static_cast<std::uint32_t>(36 + data.size()));
  bytes += "WAVEfmt ";
  append_number(bytes, std::uint32_t{16});
  append_number(bytes, std::uint16_t{1});
  append_number(bytes, static_cast<std::uint16_t>(channels));
  append_number(bytes, static_cast<std::uint32_t>(sample_rate));
  append_number(bytes, static_cast<std::uint32_t>(sample_rate * channels * 2));
  append_number(bytes, static_cast<std::uint16_t>(channels * 2));
  append_number(bytes, std::uint16_t{16});
  bytes += "data";
  append_number(bytes, static_cast<std::uint32_t>(data.size()));
  std::ofstream(file, std::ios::binary) << bytes << data;
}

} // namespace plenary::test
