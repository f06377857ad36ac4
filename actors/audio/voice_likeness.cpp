#include "actors/audio/voice_likeness.hpp"

#include <algorithm>

namespace plenary::audio {
namespace {

// Measured with 40 minutes of speech in nine languages by espeak-ng: 35 to 72 % of the frames lay 10 dB below
// the peak of the latest seconds; of chords and melodies 7 % at most, of six who talk at once 18 %, of noise
// none.
constexpr float pause_below_peak = 10;
constexpr float peak_fall = 0.06F; // 3 dB a second
constexpr float pause_memory = 1.0F / 150;
constexpr float pauses_of_steady_sound = 0.18F;
constexpr float pauses_of_a_voice = 0.30F;
constexpr float most_pauses = 0.45F; // that are remembered: steady sound is found out within 3 s
constexpr float first_pauses = pauses_of_a_voice;

constexpr std::uint64_t silence_before_news = 25; // ticks
constexpr float newcomer_bonus = 5;               // less than a holder's: equals do not take turns
constexpr float bonus_fall = newcomer_bonus / 50;
constexpr float steady_malus = 12;

} // namespace

voice_likeness::voice_likeness()
    : pauses_(first_pauses) {}

void voice_likeness::present(std::uint64_t number) {
  const auto silent = latest_ == 0 ? silence_before_news : number - latest_ - 1;
  if (latest_ != 0 && silent > 0)
    remember(std::min(1.0F, static_cast<float>(silent) * pause_memory), true);
  fresh_ = silent >= silence_before_news ? newcomer_bonus : std::max(0.0F, fresh_ - bonus_fall);
  latest_ = number;
}

void voice_likeness::heard(dbov level) {
  peak_ = std::max(level.value, peak_ - peak_fall);
  remember(pause_memory, level.value < peak_ - pause_below_peak);
}

void voice_likeness::remember(float weight, bool pause) {
  pauses_ = std::min(pauses_ + ((pause ? 1.0F : 0.0F) - pauses_) * weight, most_pauses);
}

float voice_likeness::probability() const {
  return std::clamp((pauses_ - pauses_of_steady_sound) / (pauses_of_a_voice - pauses_of_steady_sound), 0.0F,
                    1.0F);
}

float voice_likeness::favour() const {
  return fresh_ - steady_malus * (1 - probability());
}

} // namespace plenary::audio
