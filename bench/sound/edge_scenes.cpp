// Where sound begins and ends: thumps of decoders, and the wave of somebody who is muted.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace plenary::sound_bench {
namespace {

constexpr double heard_thump = -68; // dBov of a 20 ms frame

const audio::encoding opus_ear{.codec = audio::codec_kind::opus, .bitrate = 64000, .dtx = false};
const audio::encoding g722_line{.codec = audio::codec_kind::g722, .bitrate = 0};

/// Frames per minute that are louder than a thump may be, among `phones` that send digital silence.
double thumps_a_minute(std::size_t phones, const audio::encoding& format) {
  constexpr std::size_t seconds = 30;
  const auto packets = packets_of(signal(seconds * audio::sample_rate, 0.0F), format);
  heard_line room;
  for (std::size_t i = 0; i < phones; ++i)
    room.add(packets, opus_ear);
  room.listen(opus_ear);
  room.run(seconds * 50);
  const auto heard = room.heard();
  int loud = 0;
  for (std::size_t at = 0; at + audio::frame_samples <= heard.size(); at += audio::frame_samples)
    loud += level_of(std::span(heard).subspan(at, audio::frame_samples)) > heard_thump ? 1 : 0;
  return loud * 60.0 / seconds;
}

double steepest(std::span<const float> wave) {
  double most = 0;
  for (std::size_t i = 1; i < wave.size(); ++i)
    most = std::max(most, static_cast<double>(std::abs(wave[i] - wave[i - 1])));
  return most;
}

/// A source that says a signal frame by frame, for mutes at any place.
struct said final : audio::frame_source {
  signal sound;
  std::size_t index = 0;
  audio::preview advance(mono_time) override { return {true, false, std::nullopt, 80}; }
  void decode(audio::frame& out) override { out = frame_of(sound, index++); }
};

/// How much steeper the wave gets in an Opus ear when `sound` is muted after `ticks`.
double kink(const signal& sound, std::size_t ticks) {
  audio::mixer mixer{{}};
  said source;
  source.sound = sound;
  audio::listening_sink ear(audio::codec_kind::opus);
  const auto talker = mixer.add({&source, nullptr, opus_ear, false}).value();
  mixer.add({nullptr, &ear, opus_ear, false}).value();
  for (std::size_t i = 0; i < ticks + 10; ++i) {
    if (i == ticks && !mixer.update(talker, {&source, nullptr, opus_ear, true}))
      return 100;
    mixer.tick(mono_time{} + static_cast<int>(i) * audio::frame_duration, i);
    ear.end_tick();
  }
  const auto heard = to_signal(ear.heard);
  constexpr std::size_t decoder_delay = 312; // 6.5 ms
  const auto end = ticks * audio::frame_samples;
  const auto before = std::span(heard).subspan(end + decoder_delay - samples_of(60), samples_of(60));
  const auto after = std::span(heard).subspan(end + decoder_delay - samples_of(3), samples_of(20));
  return steepest(after) / steepest(before);
}

} // namespace

std::vector<figure> measure_thumps() {
  std::vector<figure> figures;
  for (const auto& line : line_kinds())
    for (const std::size_t phones : {1U, 12U})
      figures.push_back({"thump", fmt::format("{} of {} muted", phones, line.name),
                         thumps_a_minute(phones, line.format), "a minute", 0, true});
  return figures;
}

std::vector<figure> measure_mute() {
  std::vector<figure> figures;
  std::vector<double> tones;
  for (int i = 0; i < 40; ++i)
    tones.push_back(kink(sine(samples_of(800), 150 + 37 * i, -20), 30));
  const auto sentence = speak("Everyone who is sent to the same room hears everyone else in it", "en-us");
  std::vector<double> voice;
  for (std::size_t i = 0; i < 40; ++i)
    voice.push_back(kink(sentence, 10 + 3 * i));
  for (const auto& [name, all] : {std::pair{"tones", tones}, std::pair{"speech", voice}}) {
    auto sorted = all;
    std::sort(sorted.begin(), sorted.end());
    figures.push_back(
        {"mute", fmt::format("slope, {}, median", name), sorted[sorted.size() / 2], "x", 1.2, true});
    figures.push_back({"mute", fmt::format("slope, {}, worst", name), sorted.back(), "x", 1.2, true});
  }
  return figures;
}

} // namespace plenary::sound_bench
