#include "bench/sound/signal.hpp"

#include "actors/audio/resampler.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <numbers>
#include <random>
#include <stdexcept>

namespace plenary::sound_bench {
namespace {

constexpr double least_level = -127;
constexpr double active_span = 20;
constexpr std::size_t spoken_rate = 22050;

double energy_of(std::span<const float> sound) {
  double energy = 0;
  for (const auto sample : sound)
    energy += static_cast<double>(sample) * sample;
  return sound.empty() ? 0 : energy / static_cast<double>(sound.size());
}

double to_dbov(double energy) {
  return energy <= 0 ? least_level : std::max(least_level, 10 * std::log10(energy));
}

/// Everything that a command writes to its standard output.
std::vector<char> output_of(const std::string& command) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  if (!pipe)
    throw std::runtime_error("cannot run " + command);
  std::vector<char> bytes;
  std::array<char, 65536> part{};
  while (const auto count = std::fread(part.data(), 1, part.size(), pipe.get()))
    bytes.insert(bytes.end(), part.begin(), part.begin() + static_cast<std::ptrdiff_t>(count));
  return bytes;
}

/// The 16-bit samples behind a WAV header.
std::vector<std::int16_t> samples_of_wav(const std::vector<char>& wav) {
  constexpr std::array tag{'d', 'a', 't', 'a'};
  const auto found = std::search(wav.begin(), wav.end(), tag.begin(), tag.end());
  if (wav.end() - found < 8)
    throw std::runtime_error("espeak-ng gave no sound: is it installed?");
  std::vector<std::int16_t> samples(static_cast<std::size_t>(wav.end() - found - 8) / 2);
  std::memcpy(samples.data(), &*(found + 8), samples.size() * 2);
  return samples;
}

/// Band-limited interpolation (a windowed sinc over 16 zero crossings): slow and exact.
signal resampled(const std::vector<std::int16_t>& in) {
  constexpr double ratio = static_cast<double>(spoken_rate) / audio::sample_rate;
  constexpr int crossings = 16;
  signal out(static_cast<std::size_t>(static_cast<double>(in.size()) / ratio));
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double at = static_cast<double>(i) * ratio;
    const auto center = static_cast<std::ptrdiff_t>(at);
    double sum = 0;
    for (auto j = std::max<std::ptrdiff_t>(0, center - crossings);
         j < std::min(std::ssize(in), center + crossings + 1); ++j) {
      const double x = at - static_cast<double>(j);
      const double sinc = x == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      const double window = 0.5 + 0.5 * std::cos(std::numbers::pi * x / (crossings + 1));
      sum += in[static_cast<std::size_t>(j)] * sinc * window;
    }
    out[i] = static_cast<float>(sum / 32768);
  }
  return out;
}

/// Without the silence before and behind.
signal trimmed(const signal& sound) {
  constexpr float audible = 1e-4F; // -80 dBov
  const auto loud = [](float sample) { return std::abs(sample) > audible; };
  const auto first = std::find_if(sound.begin(), sound.end(), loud);
  const auto last = std::find_if(sound.rbegin(), sound.rend(), loud).base();
  return first < last ? signal(first, last) : signal{};
}

} // namespace

double level_of(std::span<const float> sound) {
  return to_dbov(energy_of(sound));
}

double active_level_of(std::span<const float> sound) {
  std::vector<double> energies;
  for (std::size_t at = 0; at + audio::frame_samples <= sound.size(); at += audio::frame_samples)
    energies.push_back(energy_of(sound.subspan(at, audio::frame_samples)));
  if (energies.empty())
    return level_of(sound);
  const double least = *std::max_element(energies.begin(), energies.end()) * std::pow(10, -active_span / 10);
  double sum = 0;
  std::size_t active = 0;
  for (const auto energy : energies)
    if (energy >= least) {
      sum += energy;
      ++active;
    }
  return to_dbov(sum / static_cast<double>(active));
}

void set_active_level(signal& sound, double dbov) {
  const auto gain = static_cast<float>(std::pow(10, (dbov - active_level_of(sound)) / 20));
  for (auto& sample : sound)
    sample *= gain;
}

signal background(std::size_t samples, double dbov, unsigned seed) {
  std::mt19937 random(seed);
  std::normal_distribution<double> normal(0, 1);
  signal noise(samples);
  // White noise through three shelves (after Paul Kellet's economy pink filter: -3 dB an octave within 0.5
  // dB).
  double low = 0;
  double middle = 0;
  double high = 0;
  for (auto& sample : noise) {
    const double white = normal(random);
    low = 0.99765 * low + white * 0.0990460;
    middle = 0.96300 * middle + white * 0.2965164;
    high = 0.57000 * high + white * 1.0526913;
    sample = static_cast<float>(low + middle + high + white * 0.1848);
  }
  const auto gain = static_cast<float>(std::pow(10, (dbov - level_of(noise)) / 20));
  for (auto& sample : noise)
    sample *= gain;
  return noise;
}

signal sine(std::size_t samples, double hz, double dbov) {
  const double amplitude = std::sqrt(2.0) * std::pow(10, dbov / 20);
  signal sound(samples);
  for (std::size_t i = 0; i < samples; ++i)
    sound[i] = static_cast<float>(
        amplitude * std::sin(2 * std::numbers::pi * hz * static_cast<double>(i) / audio::sample_rate));
  return sound;
}

void mix_in(signal& whole, std::span<const float> part, std::size_t at) {
  for (std::size_t i = 0; i < part.size() && at + i < whole.size(); ++i)
    whole[at + i] += part[i];
}

audio::frame frame_of(const signal& sound, std::size_t index) {
  audio::frame pcm{};
  const auto start = index * audio::frame_samples;
  for (std::size_t i = 0; i < pcm.size() && start + i < sound.size(); ++i)
    pcm[i] =
        static_cast<std::int16_t>(std::lrint(std::clamp(sound[start + i] * 32768.0F, -32768.0F, 32767.0F)));
  return pcm;
}

signal to_signal(std::span<const std::int16_t> samples) {
  signal sound(samples.size());
  std::transform(samples.begin(), samples.end(), sound.begin(),
                 [](std::int16_t sample) { return static_cast<float>(sample) / 32768.0F; });
  return sound;
}

signal speak(const std::string& text, const std::string& voice) {
  const auto wav = output_of(fmt::format("espeak-ng -v '{}' -s 150 --stdout '{}'", voice, text));
  auto sound = trimmed(resampled(samples_of_wav(wav)));
  set_active_level(sound, -26);
  return sound;
}

std::vector<std::int16_t> speak_narrow(const std::string& text, const std::string& voice, int pitch) {
  // A sinc of eight crossings at the lower rate, read from a table: 3.7 kHz pass, 4.3 kHz do not.
  constexpr double ratio = static_cast<double>(spoken_rate) / 8000;
  constexpr int crossings = 8;
  constexpr int steps = 64;
  static const auto kernel = [] {
    std::vector<float> made(crossings * steps + 1);
    for (std::size_t i = 0; i < made.size(); ++i) {
      const double x = static_cast<double>(i) / steps;
      const double sinc = i == 0 ? 1 : std::sin(std::numbers::pi * x) / (std::numbers::pi * x);
      made[i] = static_cast<float>(sinc * (0.5 + 0.5 * std::cos(std::numbers::pi * x / crossings)) / ratio);
    }
    return made;
  }();
  const auto said = samples_of_wav(
      output_of(fmt::format("espeak-ng -v '{}' -p {} -s 150 --stdout '{}'", voice, pitch, text)));
  std::vector<std::int16_t> narrow(static_cast<std::size_t>(static_cast<double>(said.size()) / ratio));
  for (std::size_t i = 0; i < narrow.size(); ++i) {
    const double at = static_cast<double>(i) * ratio;
    const auto reach = crossings * ratio;
    float sum = 0;
    for (auto j = std::max<std::ptrdiff_t>(0, static_cast<std::ptrdiff_t>(std::ceil(at - reach)));
         j < std::ssize(said) && static_cast<double>(j) < at + reach; ++j)
      sum += static_cast<float>(said[static_cast<std::size_t>(j)]) *
             kernel[static_cast<std::size_t>(std::abs(at - static_cast<double>(j)) / ratio * steps)];
    narrow[i] = static_cast<std::int16_t>(std::lrint(std::clamp(sum, -32768.0F, 32767.0F)));
  }
  return narrow;
}

const std::vector<std::string>& soft_words() {
  static const std::vector<std::string> words{
      "have",  "how",   "house", "help",  "hello",  "home",  "hundred", "hotel", "who",    "here",
      "five",  "four",  "fine",  "from",  "first",  "for",   "father",  "fish",  "phone",  "fast",
      "think", "three", "thank", "third", "thing",  "they",  "this",    "that",  "mother", "morning",
      "man",   "meet",  "maybe", "many",  "number", "never", "very",    "voice", "what",   "when"};
  return words;
}

} // namespace plenary::sound_bench
