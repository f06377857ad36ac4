// The beginning of a word: what the room's choice of who is heard takes away from it.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace plenary::sound_bench {
namespace {

constexpr int segment_ms = 5;
constexpr std::size_t segment = samples_of(segment_ms);
constexpr int quiet_before_ms = 2000;
constexpr int quiet_after_ms = 600;
constexpr double missing_db = 6;
constexpr double audible_over_background = 3;
constexpr int heard_in_a_row = 2;

const audio::encoding listener_format{.codec = audio::codec_kind::opus, .bitrate = 96000, .dtx = false};

struct spoken {
  signal word;  ///< alone, with silence around it
  signal whole; ///< over the background
};

/// A word at `level` behind some quiet; `phase` shifts it within a packet and between DTX refreshes.
spoken make_spoken(signal word, double level, double noise, unsigned seed) {
  set_active_level(word, level);
  const auto before = samples_of(quiet_before_ms) + seed * 1237 % samples_of(400);
  const auto length =
      (before + word.size() + samples_of(quiet_after_ms)) / audio::frame_samples * audio::frame_samples;
  spoken made{signal(length, 0.0F), background(length, noise, seed + 1)};
  mix_in(made.word, word, before);
  mix_in(made.whole, word, before);
  return made;
}

double segment_level(const signal& sound, std::size_t index) {
  return level_of(std::span(sound).subspan(index * segment, segment));
}

/// Milliseconds from where the word is audible to where it is heard.
double missing_ms(const signal& word, const signal& direct, const signal& heard, double noise) {
  const auto segments = std::min({word.size(), direct.size(), heard.size()}) / segment;
  std::size_t begin = 0;
  while (begin < segments && segment_level(word, begin) < noise + audible_over_background)
    ++begin;
  int good = 0;
  for (auto at = begin; at < segments; ++at) {
    good = segment_level(heard, at) >= segment_level(direct, at) - missing_db ? good + 1 : 0;
    if (good == heard_in_a_row)
      return static_cast<double>(at + 1 - heard_in_a_row - begin) * segment_ms;
  }
  return static_cast<double>(segments - begin) * segment_ms;
}

double measure_word(const signal& word, const line_kind& line, double level, double noise, unsigned seed) {
  const auto sound = make_spoken(word, level, noise, seed);
  const auto ticks = sound.whole.size() / audio::frame_samples;
  auto continuous = line.format; // what the word alone becomes, without DTX
  continuous.dtx = false;
  const auto alone = heard_directly(packets_of(sound.word, continuous), listener_format, ticks);
  const auto packets = packets_of(sound.whole, line.format);
  const auto direct = heard_directly(packets, listener_format, ticks);
  heard_line room;
  room.add(packets, listener_format);
  room.listen(listener_format);
  room.run(ticks);
  return missing_ms(alone, direct, room.heard(), noise);
}

} // namespace

std::vector<figure> measure_onsets() {
  std::vector<signal> words;
  for (const auto& text : soft_words())
    words.push_back(speak(text, words.size() % 2 == 0 ? "en-us" : "en-us+f3"));
  std::vector<figure> figures;
  for (const auto& line : line_kinds()) {
    std::vector<double> missing;
    for (const double noise : {-65.0, -55.0, -48.0})
      for (std::size_t i = 0; i < words.size(); ++i)
        missing.push_back(measure_word(words[i], line, -38, noise, static_cast<unsigned>(i)));
    const auto mean =
        std::accumulate(missing.begin(), missing.end(), 0.0) / static_cast<double>(missing.size());
    figures.push_back({"onset", line.name + ", mean", mean, "ms", 2, true});
    figures.push_back(
        {"onset", line.name + ", worst", *std::max_element(missing.begin(), missing.end()), "ms", 20, true});
  }
  return figures;
}

} // namespace plenary::sound_bench
