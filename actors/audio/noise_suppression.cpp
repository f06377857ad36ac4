#include "actors/audio/noise_suppression.hpp"

#include "schema/result.hpp"

#include <speex/speex_preprocess.h>

#include <algorithm>
#include <cmath>

namespace plenary::audio {
namespace {

constexpr int block_samples = 480; // 10 ms: the preprocessor's delay
constexpr int noise_floor_db = -20;
constexpr float quietest_noise = 0.2F;                   // -14 dB
constexpr float gain_step = 0.8F / (0.5F * sample_rate); // from one end to the other in half a second
constexpr std::size_t cross_fade_samples = 480;

/// From one sound to another: `weight` is the second one's, 0 to 1.
std::int16_t faded(std::int16_t from, std::int16_t to, float weight) {
  return static_cast<std::int16_t>(
      std::lrint(static_cast<float>(from) * (1 - weight) + static_cast<float>(to) * weight));
}

} // namespace

void noise_suppression::closer::operator()(SpeexPreprocessState_* state) const {
  speex_preprocess_state_destroy(state);
}

noise_suppression::noise_suppression(std::size_t voices)
    : channels_(2 * voices) {
  for (auto& each : channels_) {
    each.state.reset(speex_preprocess_state_init(block_samples, sample_rate));
    PLENARY_ASSERT(each.state != nullptr);
    int on = 1;
    int floor = noise_floor_db;
    speex_preprocess_ctl(each.state.get(), SPEEX_PREPROCESS_SET_DENOISE, &on);
    speex_preprocess_ctl(each.state.get(), SPEEX_PREPROCESS_SET_NOISE_SUPPRESS, &floor);
  }
}

noise_suppression::~noise_suppression() = default;

/// The speaker's channel, or the one that was needed longest ago.
noise_suppression::channel& noise_suppression::channel_of(std::uint32_t speaker, std::uint64_t number) {
  auto* oldest = &channels_.front();
  for (auto& each : channels_) {
    if (each.used && each.speaker == speaker)
      return each;
    if (!each.used || (oldest->used && each.latest < oldest->latest))
      oldest = &each;
  }
  oldest->used = true;
  oldest->speaker = speaker;
  oldest->latest = number > 1 ? number - 2 : 0; // nothing to go on from
  oldest->gain = 1;
  return *oldest;
}

void noise_suppression::channel::run(float voice, frame& pcm) {
  for (std::size_t at = 0; at < pcm.size(); at += block_samples)
    speex_preprocess_run(state.get(), pcm.data() + at);
  const float wanted = quietest_noise + (1 - quietest_noise) * voice;
  for (auto& sample : pcm) {
    gain += std::clamp(wanted - gain, -gain_step, gain_step);
    sample = static_cast<std::int16_t>(std::lrint(gain * static_cast<float>(sample)));
  }
}

void noise_suppression::process(std::uint32_t speaker, float voice, std::uint64_t number, frame& pcm) {
  auto& with = channel_of(speaker, number);
  const bool goes_on = with.latest + 1 == number;
  with.latest = number;
  if (!goes_on)
    before_ = pcm;
  with.run(voice, pcm);
  if (goes_on)
    return;
  for (std::size_t i = cross_fade_samples; i < pcm.size(); ++i)
    pcm[i] = faded(before_[i], pcm[i], static_cast<float>(i - cross_fade_samples) / cross_fade_samples);
  std::copy_n(before_.begin(), cross_fade_samples, pcm.begin());
}

void noise_suppression::finish(std::uint32_t speaker, std::uint64_t number, frame& pcm) {
  for (auto& each : channels_) {
    if (!each.used || each.speaker != speaker)
      continue;
    each.used = false;
    if (each.latest + 1 != number)
      return;
    before_ = pcm;
    each.run(1, before_);
    for (std::size_t i = 0; i < cross_fade_samples; ++i)
      pcm[i] = faded(before_[i], pcm[i], static_cast<float>(i) / cross_fade_samples);
  }
}

void noise_suppression::forget(std::uint32_t speaker) {
  for (auto& each : channels_)
    if (each.used && each.speaker == speaker)
      each.used = false;
}

} // namespace plenary::audio
