// Quiet and loud people in one room.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::sound_bench {
namespace {

constexpr std::size_t spoken_seconds = 14;
constexpr std::size_t learning_seconds = 5;
constexpr double calm_line = -65;
constexpr double voiced_span = 20; // dB below the active level

const audio::encoding wide_ear{.codec = audio::codec_kind::opus, .bitrate = 64000, .dtx = false};

/// Fluent speech of a voice at a level, over a quiet line.
signal fluent(unsigned who, double level) {
  static const std::vector<std::string> sentences{
      "Good morning everybody, let us begin with the numbers of last month and then see what is left",
      "I have looked at the proposal again and there are two things in it that worry me a little",
      "The train was late as always, so I have only read the first half of what you sent around",
      "We could ask the people in the other office whether they have seen the same thing before"};
  signal voice;
  for (std::size_t i = 0; voice.size() < spoken_seconds * audio::sample_rate; ++i) {
    const auto part = speak(sentences[(who + i) % sentences.size()],
                            fmt::format("en-us+{}{}", who % 2 == 0 ? 'm' : 'f', 1 + who % 5));
    voice.insert(voice.end(), part.begin(), part.end());
    voice.resize(voice.size() + samples_of(250 + 70 * static_cast<int>(who)), 0.0F);
  }
  voice.resize(spoken_seconds * audio::sample_rate);
  set_active_level(voice, level);
  mix_in(voice, background(voice.size(), calm_line, who + 1), 0);
  return voice;
}

std::span<const float> after_learning(const signal& sound) {
  return std::span(sound).subspan(learning_seconds * audio::sample_rate);
}

double heard_alone(const signal& voice, const audio::encoding& sent) {
  heard_line room({.levelling = true});
  room.add(packets_of(voice, sent), wide_ear);
  room.listen(wide_ear);
  room.run(voice.size() / audio::frame_samples);
  const auto heard = room.heard();
  return active_level_of(after_learning(heard));
}

/// Per cent of the speech of one at -38 dBov, beside five at -20 who all talk on, that has a place.
double heard_beside_five(const audio::encoding& sent) {
  heard_line room({.levelling = true});
  for (unsigned i = 1; i <= 5; ++i)
    room.add(packets_of(fluent(i, -20), sent), wide_ear);
  const auto quiet = fluent(0, -38);
  const auto slot = room.add(packets_of(quiet, sent), wide_ear);
  room.listen(wide_ear);
  int spoken = 0;
  int heard = 0;
  for (std::size_t i = 0; i < quiet.size() / audio::frame_samples; ++i) {
    room.run(1);
    const auto said =
        std::span(quiet).subspan((i >= 2 ? i - 2 : i) * audio::frame_samples, audio::frame_samples);
    if (i < learning_seconds * 50 || level_of(said) < -38 - voiced_span)
      continue;
    ++spoken;
    heard += room.mixer().is_speaking(slot) ? 1 : 0;
  }
  return 100.0 * heard / spoken;
}

} // namespace

std::vector<figure> measure_levelling() {
  std::vector<figure> figures;
  for (const auto& line : line_kinds()) {
    std::vector<double> heard;
    for (unsigned who = 0; who < 6; ++who)
      heard.push_back(heard_alone(fluent(who, -20 - 4.0 * who), line.format));
    const auto [least, most] = std::minmax_element(heard.begin(), heard.end());
    figures.push_back(
        {"levelling", line.name + ", talkers of -20 to -40 dBov differ by", *most - *least, "dB", 3, true});
    figures.push_back({"levelling", line.name + ", the quietest is heard at", *least, "dBov", -30, false});
    figures.push_back({"levelling", line.name + ", one at -38 beside five at -20 is heard",
                       heard_beside_five(line.format), "%", 60, false});
  }
  return figures;
}

} // namespace plenary::sound_bench
