#include "actors/audio/tone_listener.hpp"

#include "actors/audio/telephone_codecs.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace plenary::audio {

namespace {

constexpr std::int64_t mixing_ratio = sample_rate / tone_detector::rate;
// A tone of -36 dBm0 beside one of -44 dBm0 has peaks of 500.
constexpr int quietest_peak = 300;
constexpr std::int32_t longest_gap = 200 * tone_detector::rate / 1000;
constexpr std::int32_t most_time_jump = tone_detector::rate;
constexpr int most_late = 10;
constexpr std::chrono::milliseconds end_of_packets{200};
constexpr int g722_bit_rate = 64000;

int peak_of(std::span<const std::int16_t> pcm) {
  int peak = 0;
  for (const int sample : pcm)
    peak = std::max(peak, std::abs(sample));
  return peak;
}

} // namespace

struct tone_listener::wide_decoder {
  wide_decoder() { reset(); }
  void reset() { g722_decode_init(&state, g722_bit_rate, G722_SAMPLE_RATE_8000); }
  g722_decode_state_t state{};
};

tone_listener::tone_listener() = default;
tone_listener::~tone_listener() = default;

bool tone_listener::understands(codec_kind kind) {
  return kind != codec_kind::opus;
}

tone_presses tone_listener::hear(packet_info& info, codec_kind kind, std::span<const std::uint8_t> payload) {
  tone_presses ended;
  info.tone = {};
  // One byte is one sample at 8 kHz: of G.722 only the lower half of its band is decoded.
  if (payload.empty() || payload.size() > most_samples || !follows(info, payload.size(), ended))
    return ended;
  const auto pcm = decode(kind, payload);
  latest_arrival_ = info.arrival;
  latest_end_ = detector_.clock() + static_cast<std::int64_t>(pcm.size());
  if (detector_.is_idle() && peak_of(pcm) < quietest_peak)
    detector_.skip(pcm.size());
  else
    listen(pcm, info, ended);
  return ended;
}

/// Whether the packet is the newest of its stream; what was lost before it is skipped.
bool tone_listener::follows(const packet_info& info, std::size_t samples, tone_presses& ended) {
  const auto gap = static_cast<std::int32_t>(info.timestamp - next_timestamp_);
  const bool is_another = !known_ || info.ssrc != ssrc_ || std::abs(std::int64_t{gap}) > most_time_jump ||
                          late_in_a_row_ >= most_late;
  if (!is_another && gap < 0) {
    ++late_in_a_row_;
    return false;
  }
  const bool was_silent =
      gap > longest_gap || (gap > 0 && info.sequence_number == next_sequence_); // nothing lost
  if (is_another || was_silent)
    begin_anew(ended);
  else if (gap > 0)
    detector_.skip(static_cast<std::size_t>(gap));
  known_ = true;
  late_in_a_row_ = 0;
  ssrc_ = info.ssrc;
  next_timestamp_ = info.timestamp + static_cast<std::uint32_t>(samples);
  next_sequence_ = static_cast<std::uint16_t>(info.sequence_number + 1);
  return true;
}

void tone_listener::begin_anew(tone_presses& ended) {
  if (const auto press = detector_.stop())
    ended.add(at(*press));
}

tone_press tone_listener::at(const tone_detector::press& found) const {
  const auto arrived = [this](std::int64_t sample) {
    return latest_arrival_ - std::chrono::microseconds((latest_end_ - sample) * 125);
  };
  return {found.key, arrived(found.start), arrived(found.end)};
}

std::span<const std::int16_t> tone_listener::decode(codec_kind kind, std::span<const std::uint8_t> payload) {
  const auto pcm = std::span(pcm_).first(payload.size());
  switch (kind) {
  case codec_kind::pcmu:
    std::transform(payload.begin(), payload.end(), pcm.begin(),
                   [](auto byte) { return ulaw_to_linear(byte); });
    break;
  case codec_kind::pcma:
    std::transform(payload.begin(), payload.end(), pcm.begin(),
                   [](auto byte) { return alaw_to_linear(byte); });
    break;
  case codec_kind::g722:
    if (!wide_)
      wide_ = std::make_unique<wide_decoder>();
    g722_decode(&wide_->state, pcm.data(), payload.data(), static_cast<int>(payload.size()));
    break;
  case codec_kind::opus:
    std::fill(pcm.begin(), pcm.end(), std::int16_t{0});
  }
  return pcm;
}

void tone_listener::listen(std::span<const std::int16_t> pcm, packet_info& info, tone_presses& ended) {
  const auto start = detector_.clock();
  auto from = latest_end_;
  auto to = start;
  while (!pcm.empty()) {
    const auto part = pcm.first(std::min(pcm.size(), tone_detector::most_samples));
    const auto found = detector_.process(part);
    pcm = pcm.subspan(part.size());
    recognised_ += found.begun ? 1 : 0;
    if (found.ended)
      ended.add(at(*found.ended));
    if (found.tone_from == found.tone_to)
      continue;
    from = std::min(from, found.tone_from);
    to = std::max(to, found.tone_to);
  }
  if (from >= to)
    return;
  info.tone.from = static_cast<std::uint16_t>(std::max<std::int64_t>(from - start, 0) * mixing_ratio);
  info.tone.to = static_cast<std::uint16_t>((to - start) * mixing_ratio);
  info.tone.before = static_cast<std::uint16_t>(std::max<std::int64_t>(start - from, 0) * mixing_ratio);
}

std::optional<tone_press> tone_listener::expire(mono_time now) {
  if (detector_.is_idle() || now - latest_arrival_ < end_of_packets)
    return std::nullopt;
  const auto press = detector_.stop();
  return press ? std::optional(at(*press)) : std::nullopt;
}

std::uint32_t tone_listener::take_recognised() {
  return std::exchange(recognised_, 0);
}

} // namespace plenary::audio
