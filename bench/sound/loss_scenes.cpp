// Packets that never come: what FEC repairs, what concealment fills, and how soon the delay is back after
// jitter.
#include "bench/sound/rig.hpp"
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace plenary::sound_bench {
namespace {

constexpr std::size_t second_ticks = 50;

/// A minute of speech at -20 dBov without long pauses.
const signal& a_minute_of_speech() {
  static const signal made = [] {
    signal whole;
    const auto part =
        speak("Everyone who is sent to the same room name hears everyone else, whichever node they reached. "
              "Every step goes to the company, signed, at least once. Rooms outlive the machine they run on.",
              "en-us");
    while (whole.size() < 60U * audio::sample_rate)
      whole.insert(whole.end(), part.begin(), part.end());
    whole.resize(60U * audio::sample_rate);
    set_active_level(whole, -20);
    return whole;
  }();
  return made;
}

struct lossy_run {
  double repaired = 0;
  double repairable = 0;
};

/// Counts the frames of [from, to) seconds that FEC could repair and that it did repair.
lossy_run repair(double loss, unsigned seed, std::size_t from, std::size_t to) {
  const audio::encoding format{
      .codec = audio::codec_kind::opus, .bitrate = 32000, .expected_loss = 10, .dtx = false};
  const auto all = packets_of(a_minute_of_speech(), format);
  std::mt19937 random(seed);
  std::vector<audio::scheduled> kept;
  std::vector<bool> lost(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    lost[i] = std::uniform_real_distribution<>(0, 1)(random) < loss;
    if (!lost[i])
      kept.push_back(all[i]);
  }
  lossy_run run;
  auto judge = audio::make_decoder(audio::codec_kind::opus).value();
  for (std::size_t i = from * second_ticks; i + 1 < std::min(to * second_ticks, all.size()); ++i) {
    audio::frame rebuilt{};
    run.repairable += lost[i] && !lost[i + 1] && judge->recover(all[i + 1].payload, rebuilt) ? 1 : 0;
  }
  audio::simulated_leg leg(std::move(kept));
  leg.run(from * second_ticks);
  const auto before = leg.stream->statistics().recovered;
  leg.run((to - from) * second_ticks + 5);
  run.repaired = static_cast<double>(leg.stream->statistics().recovered - before);
  return run;
}

double repaired_share(double loss, std::size_t from, std::size_t to) {
  lossy_run sum;
  for (unsigned seed = 1; seed <= 8; ++seed) {
    const auto run = repair(loss, seed, from, to);
    sum.repaired += run.repaired;
    sum.repairable += run.repairable;
  }
  return 100 * std::min(1.0, sum.repaired / sum.repairable);
}

constexpr std::size_t minute_ticks = 60 * second_ticks;

/// The tick in which a packet was sent.
std::size_t tick_of(const audio::scheduled& packet) {
  return static_cast<std::size_t>((packet.info.arrival - audio::simulation_start) / audio::frame_duration);
}

/// After two seconds, `burst` ticks of every 37 lose their packets.
bool is_lost(std::size_t tick, std::size_t burst) {
  return tick >= 100 && tick % 37 < burst;
}

/// Share of voiced frames in bursts of `burst` lost packets that are within 6 dB of the sound without loss.
double concealed_share(const audio::encoding& format, std::size_t burst) {
  const auto packets = packets_of(a_minute_of_speech(), format);
  audio::simulated_leg whole(packets);
  whole.run(minute_ticks);
  const auto level = [](const std::vector<std::int16_t>& heard, std::size_t at) {
    return level_of(to_signal(std::span(heard).subspan(at, audio::frame_samples)));
  };
  std::vector<audio::scheduled> kept;
  std::copy_if(packets.begin(), packets.end(), std::back_inserter(kept),
               [burst](const auto& packet) { return !is_lost(tick_of(packet), burst); });
  audio::simulated_leg leg(std::move(kept));
  leg.run(minute_ticks);
  std::size_t voiced = 0;
  std::size_t good = 0;
  constexpr std::size_t playout = 1; // the first packet is played on the second tick
  for (std::size_t i = 111; i + burst < minute_ticks; ++i) {
    if (!is_lost(i, burst))
      continue;
    const auto at = (i + playout) * audio::frame_samples;
    const auto reference = level(whole.heard, at);
    const auto before = level(whole.heard, (i - i % 37 + playout - 1) * audio::frame_samples);
    if (reference < -30 || before < -30)
      continue;
    ++voiced;
    good += std::abs(level(leg.heard, at) - reference) <= 6 ? 1U : 0U;
  }
  return 100.0 * static_cast<double>(good) / static_cast<double>(voiced);
}

/// How steep the wave gets in the 15 ms after bursts of two, against 60 ms around without loss: 19 of 20 are
/// below.
double slope_after_bursts(const audio::encoding& format) {
  constexpr std::size_t burst = 2;
  const auto packets = packets_of(a_minute_of_speech(), format);
  audio::simulated_leg whole(packets);
  whole.run(minute_ticks);
  std::vector<audio::scheduled> kept;
  std::copy_if(packets.begin(), packets.end(), std::back_inserter(kept),
               [burst](const auto& packet) { return !is_lost(tick_of(packet), burst); });
  audio::simulated_leg leg(std::move(kept));
  leg.run(minute_ticks);
  std::vector<double> ratios;
  for (std::size_t i = 111; i + 6 < minute_ticks; i += 37) {
    const auto end = (i + 1 + burst) * audio::frame_samples;
    const auto around =
        std::span(whole.heard).subspan(end - 3 * audio::frame_samples, 5 * audio::frame_samples);
    const auto after = std::span(leg.heard).subspan(end - samples_of(5), samples_of(20));
    if (audio::rms(around) > 1000)
      ratios.push_back(static_cast<double>(audio::largest_step(after)) / audio::largest_step(around));
  }
  std::sort(ratios.begin(), ratios.end());
  return ratios[ratios.size() * 95 / 100];
}

/// Milliseconds of playout delay above its best, 10 s after 20 s of 100 ms jitter have ended.
double delay_left_after_jitter() {
  const audio::encoding format{.codec = audio::codec_kind::opus, .bitrate = 32000, .dtx = false};
  double worst = 0;
  for (unsigned seed = 1; seed <= 4; ++seed) {
    auto packets = packets_of(a_minute_of_speech(), format);
    std::mt19937 random(seed);
    for (std::size_t i = 10 * second_ticks; i < 30 * second_ticks; ++i)
      packets[i].info.arrival += std::chrono::microseconds(random() % 100000);
    audio::simulated_leg leg(std::move(packets));
    leg.run(9 * second_ticks);
    const auto best = leg.stream->statistics().playout_delay;
    leg.run(31 * second_ticks);
    worst = std::max(worst, static_cast<double>((leg.stream->statistics().playout_delay - best).count()));
  }
  return worst;
}

} // namespace

std::vector<figure> measure_loss() {
  std::vector<figure> figures;
  for (const double loss : {0.01, 0.03, 0.05, 0.1, 0.2}) {
    figures.push_back({"loss", fmt::format("FEC repairs at {:g} %, first 15 s", loss * 100),
                       repaired_share(loss, 0, 15), "%", 95, false});
    figures.push_back({"loss", fmt::format("FEC repairs at {:g} %, 15 to 55 s", loss * 100),
                       repaired_share(loss, 15, 55), "%", 95, false});
  }
  figures.push_back(
      {"loss", "delay left 10 s after jitter of 100 ms, worst", delay_left_after_jitter(), "ms", 20, true});
  return figures;
}

std::vector<figure> measure_bursts() {
  std::vector<figure> figures;
  for (const auto& line : line_kinds())
    for (const std::size_t burst : {1U, 2U, 3U})
      figures.push_back({"burst", fmt::format("{}, {} lost: frames within 6 dB", line.name, burst),
                         concealed_share(line.format, burst), "%", 80, false});
  for (const auto& line : line_kinds())
    figures.push_back({"burst", fmt::format("{}, slope after two lost", line.name),
                       slope_after_bursts(line.format), "x", 1.5, true});
  return figures;
}

} // namespace plenary::sound_bench
