#include "actors/audio/resampler.hpp"
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"
#include "bench/sound/telephone_band.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::sound_bench {
namespace {

constexpr std::size_t crowd_seconds = 30;
constexpr std::size_t crowd_frames = crowd_seconds * 50;
constexpr std::size_t crowd_settling = 5 * 50;
// A packet is sent 20 ms after its sound began and waits as long in the jitter buffer.
constexpr std::size_t crowd_delay = 2;

const audio::encoding telephone_format{.codec = audio::codec_kind::pcmu, .bitrate = 0};

signal at_mixing_rate(const narrow_sound& narrow) {
  std::vector<std::int16_t> wide(narrow.size() * 6);
  audio::resampler::make(8000, audio::sample_rate).value().process(narrow, wide);
  return to_signal(wide);
}

/// Somebody who talks for the scene's length, sentence by sentence, with pauses of half a second.
signal talker(unsigned number, double dbov) {
  const std::vector<std::string> sentences{
      "I think that we should look at the figures for the third quarter before we decide anything",
      "nobody told us about it until yesterday evening",
      "that is a fair point and I would like to come back to it",
      "could somebody please send the minutes around",
      "the people in the north have seen the same thing twice"};
  narrow_sound said;
  for (std::size_t i = number; said.size() < crowd_seconds * 8000; ++i) {
    const auto next =
        speak_narrow(sentences[i % sentences.size()],
                     fmt::format("en-us+{}{}", number % 2 == 0 ? 'm' : 'f', 1 + number % 4), 50);
    said.insert(said.end(), next.begin(), next.end());
    said.resize(said.size() + 4000);
  }
  said.resize(crowd_seconds * 8000);
  auto sound = at_mixing_rate(said);
  set_active_level(sound, dbov);
  return sound;
}

/// Eight people who talk at the same time at some distance.
signal crowd(unsigned number, double dbov) {
  signal all(crowd_seconds * audio::sample_rate);
  for (unsigned i = 0; i < 8; ++i) {
    auto each = talker(number * 8 + i, -26);
    std::rotate(each.begin(),
                each.begin() + static_cast<std::ptrdiff_t>(samples_of(static_cast<int>(700 * i))),
                each.end());
    mix_in(all, each, 0);
  }
  set_active_level(all, dbov);
  return all;
}

/// The part of their loud frames in which talkers are in the mix, of the one who is heard least.
double least_heard(const std::vector<signal>& talkers, const std::vector<signal>& others, bool suppression) {
  heard_line room({.noise_suppression = suppression});
  std::vector<audio::participant_slot> slots;
  for (const auto& each : others)
    room.add(packets_of(each, telephone_format), telephone_format);
  for (const auto& each : talkers)
    slots.push_back(room.add(packets_of(each, telephone_format), telephone_format));
  std::vector<double> loud(talkers.size());
  std::vector<double> heard(talkers.size());
  for (std::size_t tick = 0; tick + crowd_delay < crowd_frames; ++tick) {
    room.run(1);
    if (tick < crowd_settling)
      continue;
    for (std::size_t i = 0; i < talkers.size(); ++i) {
      const auto sent =
          std::span(talkers[i]).subspan((tick - crowd_delay) * audio::frame_samples, audio::frame_samples);
      if (level_of(sent) < -40)
        continue;
      loud[i] += 1;
      heard[i] += room.mixer().is_speaking(slots[i]) ? 1 : 0;
    }
  }
  double least = 100;
  for (std::size_t i = 0; i < talkers.size(); ++i)
    least = std::min(least, 100 * heard[i] / std::max(loud[i], 1.0));
  return least;
}

double level_in_the_mix(const std::vector<signal>& sounds, bool suppression) {
  heard_line room({.noise_suppression = suppression});
  for (const auto& each : sounds)
    room.add(packets_of(each, telephone_format), telephone_format);
  room.listen(telephone_format);
  room.run(crowd_frames);
  const auto heard = room.heard();
  return level_of(std::span(heard).last((crowd_frames - crowd_settling) * audio::frame_samples));
}

std::vector<signal> talkers_at(double dbov, unsigned count) {
  std::vector<signal> all;
  for (unsigned i = 0; i < count; ++i)
    all.push_back(talker(i, dbov));
  return all;
}

/// How close what is heard of a talker comes to what was sent: level of its loud frames, dB.
double voice_kept(bool suppression) {
  const auto voice = talkers_at(-26, 1);
  heard_line room({.noise_suppression = suppression});
  room.add(packets_of(voice[0], telephone_format), telephone_format);
  room.listen(telephone_format);
  room.run(crowd_frames);
  return active_level_of(room.heard()) - active_level_of(voice[0]);
}

} // namespace

std::vector<figure> measure_music() {
  std::vector<figure> figures;
  const auto voices = talkers_at(-26, 5);
  for (const std::size_t holds : {1U, 3U})
    for (const auto dbov : {-26.0, -20.0}) {
      std::vector<signal> music;
      for (unsigned i = 0; i < holds; ++i) {
        music.push_back(at_mixing_rate(chords(crowd_seconds * 8000, 7 + i)));
        set_active_level(music.back(), dbov);
      }
      figures.push_back({"music",
                         fmt::format("five talkers at -26 dBov beside {} on hold at {} dBov", holds, dbov),
                         least_heard(voices, music, false), "%", 97, false});
    }
  return figures;
}

std::vector<figure> measure_babble() {
  std::vector<signal> crowds;
  for (unsigned i = 0; i < 6; ++i)
    crowds.push_back(crowd(i, -35));
  const auto voices = talkers_at(-26, 5);
  std::vector<figure> figures;
  for (const bool suppression : {false, true})
    figures.push_back({"babble",
                       fmt::format("five talkers beside six crowds{}", suppression ? ", suppressed" : ""),
                       least_heard(voices, crowds, suppression), "%", 97, false});
  figures.push_back({"babble", "six crowds at -35 dBov, suppressed against not",
                     level_in_the_mix(crowds, true) - level_in_the_mix(crowds, false), "dB", -12, true});
  std::vector<signal> noises;
  for (unsigned i = 0; i < 6; ++i)
    noises.push_back(background(crowd_seconds * audio::sample_rate, -40, i + 1));
  figures.push_back({"babble", "six noisy lines at -40 dBov, suppressed against not",
                     level_in_the_mix(noises, true) - level_in_the_mix(noises, false), "dB", -12, true});
  figures.push_back({"babble", "a voice, suppressed against sent", voice_kept(true), "dB", -1.5, false});
  return figures;
}

} // namespace plenary::sound_bench
