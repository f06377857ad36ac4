#include "actors/audio/resampler.hpp"

#include <fmt/format.h>
#include <speex/speex_resampler.h>

#include <algorithm>

namespace plenary::audio {

namespace {

// Quality 3: 48 taps at the lower rate, stop band -99 dB, 1.5 to 3 ms of delay; a telephone's 3.4 kHz pass
// whole. Quality 5: 80 taps; both ways together lose 0.6 dB at G.722's 7 kHz instead of 8.8 (bench/sound).
int quality_of(int lower_rate) {
  constexpr int narrow_band = 8000;
  return lower_rate <= narrow_band ? 3 : 5;
}

} // namespace

void resampler::closer::operator()(SpeexResamplerState_* state) const {
  speex_resampler_destroy(state);
}

result<resampler> resampler::make(int in_rate, int out_rate) {
  PLENARY_ASSERT(in_rate > 0 && out_rate > 0 && (in_rate % out_rate == 0 || out_rate % in_rate == 0));
  int code = RESAMPLER_ERR_SUCCESS;
  resampler made;
  made.state_.reset(speex_resampler_init(1, static_cast<spx_uint32_t>(in_rate),
                                         static_cast<spx_uint32_t>(out_rate),
                                         quality_of(std::min(in_rate, out_rate)), &code));
  if (!made.state_ || code != RESAMPLER_ERR_SUCCESS)
    return fail(errc::internal,
                fmt::format("resampler {} to {} Hz: {}", in_rate, out_rate, speex_resampler_strerror(code)));
  return made;
}

void resampler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  auto taken = static_cast<spx_uint32_t>(in.size());
  auto given = static_cast<spx_uint32_t>(out.size());
  speex_resampler_process_int(state_.get(), 0, in.data(), &taken, out.data(), &given);
  PLENARY_ASSERT(taken == in.size() && given == out.size());
}

void resampler::reset() {
  speex_resampler_reset_mem(state_.get());
}

result<frame_downsampler> frame_downsampler::make(int out_rate) {
  auto made = resampler::make(sample_rate, out_rate);
  if (!made)
    return tl::unexpected(std::move(made).error());
  return frame_downsampler(std::move(*made));
}

frame_downsampler::frame_downsampler(resampler made)
    : resampler_(std::move(made)) {}

void frame_downsampler::process(const frame& in, std::span<std::int16_t> out) {
  if (replay_) {
    // The filter is shorter than a frame and every frame ends at phase 0, so one frame rebuilds its whole
    // memory.
    resampler_.reset();
    resampler_.process(latest_, out);
    replay_ = false;
  }
  resampler_.process(in, out);
  latest_ = in;
}

void frame_downsampler::copy_state_from(const frame_downsampler& other) {
  latest_ = other.latest_;
  replay_ = true;
}

void frame_downsampler::reset() {
  resampler_.reset();
  latest_.fill(0);
  replay_ = false;
}

} // namespace plenary::audio
