#include "actors/audio/sound_renderer.hpp"

#include "actors/audio/fade.hpp"

#include <algorithm>
#include <cmath>

namespace plenary::audio {

namespace {

constexpr std::size_t fade = 240;     // 5 ms
constexpr std::size_t fade_out = 480; // 10 ms: a whole number of Opus's shortest frames
constexpr sample_count full_loudness = samples_in(std::chrono::milliseconds(60)); // of concealment
// After a longer gap a decoder's memory has nothing to do with the present.
constexpr std::size_t stale = 4800;

/// Whether the sound of a packet hangs on those before it for longer than a filter's length.
bool has_memory(codec_kind kind) {
  return kind == codec_kind::opus || kind == codec_kind::g722;
}

/// How loud concealment is after `concealed` samples of it.
double concealment_gain(sample_count concealed) {
  constexpr auto last = jitter_buffer::longest_concealment;
  return std::clamp(static_cast<double>(last - concealed) / static_cast<double>(last - full_loudness), 0.0,
                    1.0);
}

constexpr float most_lift = 4;
constexpr float fastest_lift = 1.5F / static_cast<float>(frame_samples);

float rms(std::span<const std::int16_t> pcm) {
  float energy = 0;
  for (const auto sample : pcm)
    energy += static_cast<float>(sample) * static_cast<float>(sample);
  return std::sqrt(energy / static_cast<float>(std::max<std::size_t>(pcm.size(), 1)));
}

std::int16_t scaled(std::int16_t sample, double gain) {
  return static_cast<std::int16_t>(std::lrint(gain * sample));
}

/// Raises the loudness from `gain` to 1.
void fade_in(std::span<std::int16_t> pcm, double gain) {
  const auto length = gain < 1 ? std::min(pcm.size(), fade) : 0;
  for (std::size_t i = 0; i < length; ++i)
    pcm[i] = scaled(pcm[i], gain + (1 - gain) * fade_weight(i, length));
}

} // namespace

result<std::uint8_t> sound_renderer::add(codec_kind kind) {
  for (std::size_t i = 0; i < codecs_.size(); ++i)
    if (codecs_[i].kind == kind)
      return static_cast<std::uint8_t>(i);
  auto made = make_decoder(kind);
  if (!made)
    return tl::unexpected(std::move(made).error());
  codecs_.push_back({kind, std::move(*made)});
  return static_cast<std::uint8_t>(codecs_.size() - 1);
}

std::size_t sound_renderer::duration(std::uint8_t index, std::span<const std::uint8_t> payload) const {
  return codecs_[index].decoding->duration(payload).value_or(0);
}

std::optional<bool> sound_renderer::voice(std::uint8_t index, std::span<const std::uint8_t> payload) const {
  return codecs_[index].decoding->voice(payload);
}

void sound_renderer::append(const piece& next, const packet_store& packets) {
  switch (next.what) {
  case piece::kind::packet:
    return append_packet(next, packets);
  case piece::kind::recovered:
    return append_recovered(next, packets);
  case piece::kind::concealed:
    return append_concealed(next);
  case piece::kind::silence:
    pass_by(next, packets);
    return append_silence(next.samples);
  }
}

void sound_renderer::pass_by(const piece& next, const packet_store& packets) {
  if (next.what != piece::kind::packet && next.what != piece::kind::silence)
    return;
  if (const auto noise = packets.at(next.packet).noise)
    noise_.set(*noise);
  else
    noise_.stop();
}

bool sound_renderer::is_stale() const {
  if (codecs_.empty())
    return false;
  return undecoded_ > 0 && has_memory(codecs_[current_].kind);
}

void sound_renderer::take(frame& out) {
  if (queue_.size() < out.size())
    append_silence(out.size() - queue_.size());
  std::copy_n(queue_.samples().begin(), out.size(), out.begin());
  queue_.drop(out.size());
}

void sound_renderer::abandon() {
  undecoded_ += frame_samples;
  queue_.drop(frame_samples);
  // What is left would begin in the middle of a wave.
  fade_in(queue_.samples(), 0);
  silent_ = silent_ || queue_.empty();
}

void sound_renderer::flush() {
  queue_.drop(queue_.size());
  noise_.stop();
  silent_ = true;
  undecoded_ = stale;
}

void sound_renderer::append_packet(const piece& next, const packet_store& packets) {
  std::array<std::int16_t, fade> before{};
  const auto cross_faded = select(packets.at(next.packet).codec, next.joint, before);
  auto& decoding = *codecs_[current_].decoding;
  const auto start = queue_.size();
  const auto space = queue_.space();
  const auto samples = decoding.decode(packets.payload(next.packet, scratch_), space).value_or(0);
  if (samples != next.samples + next.skip) { // broken inside: its duration could be read, its sound could not
    append_concealed(next);
    return;
  }
  const auto tone = packets.at(next.packet).tone;
  if (silent_)
    clamp_.reset(tone.from == 0 && tone.any());
  clamp_.apply(space.first(samples), tone.from, tone.to);
  queue_.grow(samples);
  queue_.erase(start, next.skip);
  const auto pcm = queue_.samples().subspan(start);
  if (cross_faded)
    cross_fade(before, pcm);
  else
    fade_in(pcm, silent_ ? 0 : concealment_gain(next.gap_before));
  if (noise_.level()) {
    noise_.stop();
    noise_.add_to(pcm.first(std::min(pcm.size(), fade)));
  }
  silent_ = false;
  let_down(pcm);
  level_ = rms(pcm.last(std::min(pcm.size(), frame_samples)));
}

void sound_renderer::append_recovered(const piece& next, const packet_store& packets) {
  const auto pcm = queue_.space().first(next.samples);
  auto& decoding = *codecs_[current_].decoding;
  if (silent_ || packets.at(next.packet).codec != current_ ||
      !decoding.recover(packets.payload(next.packet, scratch_), pcm)) {
    append_concealed(next);
    return;
  }
  ++recovered_;
  queue_.grow(next.samples);
  fade_in(pcm, concealment_gain(next.gap_before));
  let_down(pcm);
}

void sound_renderer::append_concealed(const piece& next) {
  ++concealed_;
  if (silent_) {
    append_silence(next.samples);
    return;
  }
  const auto pcm = queue_.space().first(next.samples);
  codecs_[current_].decoding->conceal(pcm);
  clamp_.go_on(pcm);
  auto concealed = static_cast<sample_count>(next.gap_before);
  keep_level(pcm, concealed < full_loudness);
  for (auto& sample : pcm)
    sample = scaled(sample, concealment_gain(concealed++));
  queue_.grow(next.samples);
  tail_gain_ = static_cast<float>(concealment_gain(concealed));
  silent_ = concealed >= jitter_buffer::longest_concealment;
}

/// A codec's own concealment may fall faster than a voice does: for 60 ms it stays within 3 dB of what was
/// heard.
void sound_renderer::keep_level(std::span<std::int16_t> concealed, bool rising) {
  const float found = std::max(rms(concealed), 1.0F);
  const float wanted = rising ? std::clamp(level_ / found, 1.0F, most_lift) : lift_;
  const float step =
      std::clamp((wanted - lift_) / static_cast<float>(concealed.size()), -fastest_lift, fastest_lift);
  for (auto& sample : concealed) {
    lift_ += step;
    sample = static_cast<std::int16_t>(std::lrint(std::clamp(lift_ * sample, -32768.0F, 32767.0F)));
  }
}

/// What follows concealment glides from its gain to none.
void sound_renderer::let_down(std::span<std::int16_t> pcm) {
  const auto length = lift_ > 1 ? std::min(pcm.size(), 2 * fade) : 0;
  for (std::size_t i = 0; i < length; ++i) {
    const auto gain = lift_ + (1 - lift_) * static_cast<float>(fade_weight(i, length));
    pcm[i] = static_cast<std::int16_t>(std::lrint(std::clamp(gain * pcm[i], -32768.0F, 32767.0F)));
  }
  lift_ = tail_gain_ = 1;
}

void sound_renderer::append_silence(std::size_t samples) {
  const auto pcm = queue_.space().first(samples);
  const auto faded = silent_ ? 0 : std::min(samples, fade_out);
  if (faded > 0) {
    codecs_[current_].decoding->conceal(pcm.first(faded));
    clamp_.go_on(pcm.first(faded));
  }
  for (std::size_t i = 0; i < faded; ++i)
    pcm[i] = scaled(pcm[i], (1 - fade_weight(i, faded)) * lift_ * tail_gain_);
  lift_ = tail_gain_ = 1;
  std::fill(pcm.begin() + static_cast<std::ptrdiff_t>(faded), pcm.end(), std::int16_t{0});
  if (noise_.level())
    noise_.add_to(pcm);
  queue_.grow(samples);
  silent_ = true;
}

/// Makes decoder `index` the current one. When what follows does not continue what was heard, `before` gets
/// the end of the old voice to cross-fade with, and the answer is true.
bool sound_renderer::select(std::uint8_t index, bool joint, std::span<std::int16_t> before) {
  const auto changed = index != current_;
  const auto cross_faded = (changed || joint) && !silent_;
  if (cross_faded)
    codecs_[current_].decoding->conceal(before);
  current_ = index;
  // A decoder of G.722 that missed packets thumps up to -44 dBov in digital silence, a new one stays below
  // -70.
  const auto lost_step = undecoded_ > 0 && codecs_[current_].kind == codec_kind::g722;
  if (changed || undecoded_ >= stale || lost_step)
    codecs_[current_].decoding->reset();
  undecoded_ = 0;
  return cross_faded;
}

} // namespace plenary::audio
