// What a caller hears, measured offline: real packets through the real receive, mix and send path. Method and
// results: bench/sound/README.md.
#include "bench/sound/scenes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

namespace plenary::sound_bench {

const std::vector<scene>& scenes() {
  static const std::vector<scene> all{
      {"onset", "how much of a soft word's beginning is missing", measure_onsets},
      {"thump", "what telephones that send digital silence make heard", measure_thumps},
      {"background", "what is heard between words, and when nobody speaks", measure_background},
      {"levelling", "how much louder the loud are heard than the quiet", measure_levelling},
      {"mute", "how much steeper the wave gets when somebody is muted", measure_mute},
      {"loud", "what the limiter adds to full-scale talkers", measure_loud_rooms},
      {"loss", "what FEC repairs, and the delay after jitter", measure_loss},
      {"burst", "what concealment fills of packets lost in a row", measure_bursts},
      {"band", "how high the tones are that pass", measure_band},
      {"dtmf", "how long keys' tones are heard, and what is wrongly taken for one", measure_key_tones},
      {"music", "how much of talkers is heard beside music on hold", measure_music},
      {"babble", "how loud babble is in the mix, and how much of talkers is heard beside it", measure_babble},
  };
  return all;
}

namespace {

int run(std::string_view wanted) {
  fmt::print("| scene | what | measured | goal | met |\n| --- | --- | --- | --- | --- |\n");
  int missed = 0;
  bool known = false;
  for (const auto& each : scenes()) {
    if (!wanted.empty() && each.name != wanted)
      continue;
    known = true;
    for (const auto& figure : each.run()) {
      fmt::print("| {} | {} | {:.2f} {} | {} {:g} | {} |\n", figure.scene, figure.what, figure.value,
                 figure.unit, figure.at_most ? "<=" : ">=", figure.goal, figure.met() ? "yes" : "NO");
      std::fflush(stdout);
      missed += figure.met() ? 0 : 1;
    }
  }
  if (!known)
    fmt::print(stderr, "sound_bench: no scene '{}'\n", wanted);
  return known && missed == 0 ? 0 : 1;
}

int help() {
  fmt::print("usage: sound_bench [SCENE]\nscenes:\n");
  for (const auto& each : scenes())
    fmt::print("  {:10} {}\n", each.name, each.asks);
  return 0;
}

} // namespace
} // namespace plenary::sound_bench

int main(int count, char** arguments) {
  const std::string_view wanted = count > 1 ? arguments[1] : "";
  try {
    return wanted == "--help" ? plenary::sound_bench::help() : plenary::sound_bench::run(wanted);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sound_bench: {}\n", error.what());
    return 2;
  }
}
