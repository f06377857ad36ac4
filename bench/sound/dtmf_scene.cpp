#include "actors/audio/tone_detector.hpp"
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"
#include "bench/sound/telephone_band.hpp"
#include "tests/audio/key_tone.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace plenary::sound_bench {
namespace {

using audio::key_tone;
using audio::telephone_sound;

/// One way of dialling.
struct dialling {
  std::string name;
  key_tone like;
  double on_ms = 40;
  double off_ms = 40;
  double noise_dbm0 = -90;
  double dial_tone_dbm0 = -90;
};

const std::vector<dialling>& diallings() {
  static const std::vector<dialling> all{
      {"40 ms at -10 dBm0", {}},
      {"40 ms at -5 dBm0", {.dbm0 = -5}},
      {"40 ms at -36 dBm0", {.dbm0 = -36}},
      {"200 ms at -10 dBm0", {}, 200, 100},
      {"40 ms, 1.5 % off", {.row_off = 0.015, .column_off = -0.015}},
      {"40 ms, twist 8 dB", {.twist = 8}},
      {"40 ms, twist -8 dB", {.twist = -8}},
      {"40 ms over noise at -25 dBm0", {}, 40, 40, -25},
      {"40 ms beside a dial tone at -13 dBm0", {}, 40, 40, -90, -13},
  };
  return all;
}

signal dialled(const dialling& way, unsigned seed) {
  telephone_sound sound(audio::sample_rate, seed);
  sound.rest(200 + seed);
  for (const auto key : audio::all_keys) {
    auto tone = way.like;
    tone.key = key;
    sound.press(tone, way.on_ms).rest(way.off_ms + 0.3 * seed);
  }
  sound.rest(300);
  if (way.noise_dbm0 > -80)
    sound.over_noise(way.noise_dbm0);
  if (way.dial_tone_dbm0 > -80)
    sound.over_sine(350, way.dial_tone_dbm0).over_sine(440, way.dial_tone_dbm0);
  return to_signal(sound.samples());
}

struct clamping {
  std::size_t pressed = 0;
  std::size_t told = 0;
  double longest_ms = 0; ///< of a tone that was heard
  double median_ms = 0;
};

/// How long each of the tones is heard: milliseconds within 20 dB of the tone.
std::vector<double> heard_milliseconds(const signal& heard, const dialling& way) {
  const double least = std::pow(10, (way.like.dbm0 - std::abs(way.like.twist) - 6.16 - 20) / 20);
  constexpr auto step = samples_of(1);
  std::vector<double> lengths;
  double quiet = 1000;
  for (std::size_t at = 0; at + step <= heard.size(); at += step) {
    const bool loud = level_of(std::span(heard).subspan(at, step)) > 20 * std::log10(least);
    if (loud && quiet > 15)
      lengths.push_back(0);
    if (loud)
      lengths.back() += 1;
    quiet = loud ? 0 : quiet + 1;
  }
  return lengths;
}

clamping dial(const dialling& way, const audio::encoding& format) {
  clamping found;
  std::vector<double> lengths;
  for (unsigned seed = 1; seed <= 10; ++seed) {
    heard_line room;
    const auto sound = dialled(way, seed);
    const auto caller = room.add(packets_of(sound, format), format);
    room.listen(format);
    room.run(sound.size() / audio::frame_samples + 10);
    found.pressed += audio::all_keys.size();
    const auto& keys = room.keys(caller);
    if (keys == audio::all_keys)
      found.told += keys.size();
    else
      for (std::size_t i = 0; i < keys.size() && i < audio::all_keys.size() && keys[i] == audio::all_keys[i];
           ++i)
        ++found.told;
    const auto heard = heard_milliseconds(room.heard(), way);
    lengths.insert(lengths.end(), heard.begin(), heard.end());
  }
  std::sort(lengths.begin(), lengths.end());
  found.longest_ms = lengths.empty() ? 0 : lengths.back();
  found.median_ms = lengths.empty() ? 0 : lengths[lengths.size() / 2];
  return found;
}

std::size_t presses_in(std::span<const std::int16_t> sound) {
  audio::tone_detector detector;
  std::size_t presses = 0;
  for (std::size_t at = 0; at + 160 <= sound.size(); at += 160)
    presses += detector.process(sound.subspan(at, 160)).begun ? 1 : 0;
  return presses;
}

} // namespace

std::vector<figure> measure_key_tones() {
  std::vector<figure> figures;
  for (const auto kind : {audio::codec_kind::pcmu, audio::codec_kind::pcma, audio::codec_kind::g722})
    for (const auto& way : diallings()) {
      const auto found = dial(way, {.codec = kind, .bitrate = 0});
      const auto name = std::string(audio::sdp_name(kind));
      figures.push_back({"dtmf", fmt::format("{}, told, {}", name, way.name),
                         100.0 * static_cast<double>(found.told) / static_cast<double>(found.pressed), "%",
                         100, false});
      if (way.noise_dbm0 > -80 || way.dial_tone_dbm0 > -80)
        continue; // what else is there is heard
      figures.push_back(
          {"dtmf", fmt::format("{}, heard at most, {}", name, way.name), found.longest_ms, "ms", 40, true});
    }
  for (const auto& [name, sound] : sounds_without_keys())
    figures.push_back(
        {"dtmf",
         fmt::format("taken for keys in {:.0f} min of {}", static_cast<double>(sound.size()) / 480000, name),
         static_cast<double>(presses_in(sound)), "", 0, true});
  return figures;
}

} // namespace plenary::sound_bench
