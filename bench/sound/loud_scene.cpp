// Rooms in which several are as loud as can be: what the limiter adds, and whether an Opus decoder clips.
#include "actors/audio/limiter.hpp"
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace plenary::sound_bench {
namespace {

constexpr std::size_t loud_seconds = 6;
constexpr double full_scale_sine = -3.01;

/// Everybody's sound through the limiter alone, as 16-bit samples.
std::vector<std::int16_t> limited(const std::vector<signal>& voices) {
  audio::limiter limiter;
  std::vector<std::int16_t> heard;
  for (std::size_t i = 0; i < voices.front().size() / audio::frame_samples; ++i) {
    audio::wide_frame sum{};
    for (const auto& voice : voices) {
      const auto part = frame_of(voice, i);
      for (std::size_t k = 0; k < sum.size(); ++k)
        sum[k] += part[k];
    }
    audio::frame out;
    limiter.process(sum, out);
    heard.insert(heard.end(), out.begin(), out.end());
  }
  return heard;
}

/// Energy beside the tones, in dB to their own: what is left when each tone's sine is taken out.
double products(std::span<const std::int16_t> heard, const std::vector<double>& tones) {
  std::vector<double> rest(heard.begin(), heard.end());
  double energy = 0;
  for (const auto sample : rest)
    energy += sample * sample;
  for (int pass = 0; pass < 3; ++pass)
    for (const auto hz : tones) {
      const double step = 2 * std::numbers::pi * hz / audio::sample_rate;
      double real = 0;
      double imaginary = 0;
      for (std::size_t i = 0; i < rest.size(); ++i) {
        real += rest[i] * std::cos(step * static_cast<double>(i));
        imaginary += rest[i] * std::sin(step * static_cast<double>(i));
      }
      real *= 2 / static_cast<double>(rest.size());
      imaginary *= 2 / static_cast<double>(rest.size());
      for (std::size_t i = 0; i < rest.size(); ++i)
        rest[i] -= real * std::cos(step * static_cast<double>(i)) +
                   imaginary * std::sin(step * static_cast<double>(i));
    }
  double left = 0;
  for (const auto sample : rest)
    left += sample * sample;
  return 10 * std::log10(left / energy);
}

std::vector<double> tones_of(std::size_t count) {
  const std::vector<double> all{440, 587, 731, 953};
  return {all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count)};
}

std::vector<signal> sounds_of(const std::vector<double>& tones) {
  std::vector<signal> sounds;
  for (const auto hz : tones)
    sounds.push_back(sine(loud_seconds * audio::sample_rate, hz, full_scale_sine));
  return sounds;
}

/// Samples at full scale in an Opus ear, of `voices` who talk at the same time.
double clipped_in_opus(const std::vector<signal>& voices) {
  const audio::encoding format{.codec = audio::codec_kind::opus, .bitrate = 24000, .dtx = false};
  const audio::encoding sent{.codec = audio::codec_kind::pcmu, .bitrate = 0};
  heard_line room;
  for (const auto& voice : voices)
    room.add(packets_of(voice, sent), format);
  room.listen(format);
  room.run(voices.front().size() / audio::frame_samples);
  const auto& heard = room.listener().heard;
  return static_cast<double>(std::count_if(
      heard.begin(), heard.end(), [](std::int16_t sample) { return sample >= 32767 || sample <= -32767; }));
}

std::vector<signal> loud_voices(std::size_t count) {
  std::vector<signal> voices;
  for (std::size_t i = 0; i < count; ++i) {
    auto voice =
        speak(fmt::format("{} everybody is as loud as can be and nobody waits for anybody else to end", i),
              fmt::format("en-us+{}{}", i % 2 == 0 ? 'm' : 'f', 1 + i));
    float most = 0;
    for (const auto sample : voice)
      most = std::max(most, std::abs(sample));
    for (auto& sample : voice)
      sample /= most;
    voice.resize(loud_seconds * audio::sample_rate, 0.0F);
    voices.push_back(std::move(voice));
  }
  return voices;
}

} // namespace

std::vector<figure> measure_loud_rooms() {
  std::vector<figure> figures;
  for (const std::size_t count : {2U, 3U, 4U}) {
    const auto tones = tones_of(count);
    const auto heard = limited(sounds_of(tones));
    const auto steady = std::span(heard).last((loud_seconds - 1) * audio::sample_rate);
    figures.push_back({"loud", fmt::format("products of {} full-scale tones", count), products(steady, tones),
                       "dB", -40, true});
  }
  const auto beat = limited({sine(loud_seconds * audio::sample_rate, 440, full_scale_sine),
                             sine(loud_seconds * audio::sample_rate, 443, full_scale_sine)});
  figures.push_back({"loud", "products of a beat of 3 Hz",
                     products(std::span(beat).last((loud_seconds - 1) * audio::sample_rate), {440, 443}),
                     "dB", -40, true});
  for (const std::size_t count : {2U, 4U}) {
    figures.push_back({"loud", fmt::format("clipped in Opus, {} tones", count),
                       clipped_in_opus(sounds_of(tones_of(count))), "samples", 0, true});
    figures.push_back({"loud", fmt::format("clipped in Opus, {} voices", count),
                       clipped_in_opus(loud_voices(count)), "samples", 0, true});
  }
  return figures;
}

} // namespace plenary::sound_bench
