// How high a voice may go: a tone through the whole way, against the same tone at 1 kHz.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <cmath>

namespace plenary::sound_bench {
namespace {

constexpr std::size_t toned_seconds = 3;

/// Amplitude at `hz` of what a listener hears of a tone, in dB relative to what was sent.
double gain_at(double hz, const audio::encoding& sent, const audio::encoding& heard_as) {
  const auto tone = sine(toned_seconds * audio::sample_rate, hz, -20);
  heard_line room;
  room.add(packets_of(tone, sent), heard_as);
  room.listen(heard_as);
  room.run(toned_seconds * 50);
  const auto& heard = room.listener().heard;
  const auto amplitude = audio::amplitude_at(std::span(heard).last(audio::sample_rate), hz);
  return 20 * std::log10(std::max(amplitude, 1e-3) / 32768 / (std::sqrt(2.0) * std::pow(10, -20.0 / 20)));
}

/// Per cent of Opus packets that carry the band above 8 kHz (RFC 6716 section 3.1).
double share_of_wide_packets(const audio::encoding& format) {
  auto encoding = audio::make_encoder(format, 5).value();
  const auto voice = speak("She sells six thick thistle sticks, she said", "en-us+f2");
  const auto frames = voice.size() / audio::frame_samples;
  std::array<std::uint8_t, audio::max_encoded_bytes> payload{};
  std::size_t wide = 0;
  for (std::size_t i = 0; i < frames; ++i) {
    if (encoding->encode(frame_of(voice, i), payload) == 0)
      continue;
    const int configuration = payload[0] >> 3;
    wide += (configuration >= 12 && configuration < 16) || configuration >= 24 ? 1U : 0U;
  }
  return 100.0 * static_cast<double>(wide) / static_cast<double>(frames);
}

} // namespace

std::vector<figure> measure_band() {
  const audio::encoding g722{.codec = audio::codec_kind::g722, .bitrate = 0};
  const audio::encoding opus{.codec = audio::codec_kind::opus, .bitrate = 24000, .dtx = false};
  std::vector<figure> figures;
  for (const double hz : {300.0, 3000.0, 6000.0, 6500.0, 7000.0})
    figures.push_back(
        {"band", fmt::format("G.722 to G.722 at {} Hz", hz), gain_at(hz, g722, g722), "dB", -1, false});
  auto lossy = opus;
  lossy.expected_loss = 10;
  figures.push_back({"band", "Opus 24k with FEC for 10 % loss, packets above 8 kHz",
                     share_of_wide_packets(lossy), "%", 95, false});
  return figures;
}

} // namespace plenary::sound_bench
