// The background of a caller between words, and of a room in which nobody speaks.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace plenary::sound_bench {
namespace {

constexpr double word_level = -26;
constexpr double louder_than_background = 7; // dB
constexpr double loudest_comfort = -60;
constexpr std::size_t settling_frames = 50;
constexpr std::size_t word_decay_frames = 8;
constexpr int pause_ms = 2400;
constexpr std::size_t words_said = 6;

struct ear {
  std::string name;
  audio::encoding format;
};

const std::vector<ear>& ears() {
  using audio::codec_kind;
  static const std::vector<ear> all{
      {"Opus DTX", {.codec = codec_kind::opus}},
      {"Opus", {.codec = codec_kind::opus, .bitrate = 64000, .dtx = false}},
      {"G.722", {.codec = codec_kind::g722, .bitrate = 0}},
      {"PCMU", {.codec = codec_kind::pcmu, .bitrate = 0}},
      {"PCMA", {.codec = codec_kind::pcma, .bitrate = 0}},
  };
  return all;
}

/// Words over the noise of a line, with pauses in which DTX begins.
signal words_on_a_line(double noise) {
  std::vector<signal> words;
  std::size_t length = samples_of(pause_ms);
  for (std::size_t i = 0; i < words_said; ++i) {
    words.push_back(speak(soft_words()[i * 5], i % 2 == 0 ? "en-us" : "en-us+f3"));
    set_active_level(words.back(), word_level);
    length += words.back().size() + samples_of(pause_ms);
  }
  auto line = background(length / audio::frame_samples * audio::frame_samples, noise, 3);
  std::size_t at = samples_of(pause_ms);
  for (const auto& word : words) {
    mix_in(line, word, at);
    at += word.size() + samples_of(pause_ms);
  }
  return line;
}

/// Levels of 40 ms, every 20 ms.
std::vector<double> levels_of(const signal& heard) {
  std::vector<double> levels;
  for (std::size_t at = 0; at + 2 * audio::frame_samples <= heard.size(); at += audio::frame_samples)
    levels.push_back(level_of(std::span(heard).subspan(at, 2 * audio::frame_samples)));
  return levels;
}

struct quiet_stretches {
  double least = 0;
  double step = 0; ///< largest, from 20 ms to 20 ms
};

quiet_stretches quiet_of(const signal& heard, double noise) {
  const auto levels = levels_of(heard);
  const double word = std::max(noise, loudest_comfort) + louder_than_background;
  quiet_stretches found;
  std::size_t quiet_for = 0;
  for (auto i = settling_frames; i + word_decay_frames < levels.size(); ++i) {
    found.least = std::min(found.least, levels[i]);
    const bool word_near = std::any_of(levels.begin() + static_cast<std::ptrdiff_t>(i),
                                       levels.begin() + static_cast<std::ptrdiff_t>(i + word_decay_frames),
                                       [word](double level) { return level > word; });
    quiet_for = word_near ? 0 : quiet_for + 1;
    if (quiet_for > word_decay_frames)
      found.step = std::max(found.step, std::abs(levels[i] - levels[i - 1]));
  }
  return found;
}

signal heard_by(const ear& who, const std::vector<audio::scheduled>& packets, std::size_t ticks) {
  heard_line room({.comfort_noise = true});
  if (!packets.empty())
    room.add(packets, who.format);
  room.listen(who.format);
  room.run(ticks);
  return room.heard();
}

} // namespace

std::vector<figure> measure_background() {
  std::vector<figure> figures;
  for (const auto& who : ears()) {
    quiet_stretches worst;
    for (const double noise : {-70.0, -62.0, -55.0, -48.0}) {
      const auto line = words_on_a_line(noise);
      for (const auto& from : line_kinds()) {
        const auto found =
            quiet_of(heard_by(who, packets_of(line, from.format), line.size() / audio::frame_samples), noise);
        worst.least = std::min(worst.least, found.least);
        worst.step = std::max(worst.step, found.step);
      }
    }
    const auto alone = quiet_of(heard_by(who, {}, 500), loudest_comfort);
    figures.push_back(
        {"background", who.name + " ear, quietest 40 ms between words", worst.least, "dBov", -75, false});
    figures.push_back({"background", who.name + " ear, largest step in 20 ms", worst.step, "dB", 6, true});
    figures.push_back(
        {"background", who.name + " ear, quietest 40 ms alone", alone.least, "dBov", -75, false});
    figures.push_back({"background", who.name + " ear, largest step alone", alone.step, "dB", 6, true});
  }
  return figures;
}

} // namespace plenary::sound_bench
