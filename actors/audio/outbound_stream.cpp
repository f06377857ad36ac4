#include "actors/audio/outbound_stream.hpp"

#include <algorithm>
#include <utility>

namespace plenary::audio {
namespace {

// Digital silence in CELT frames, fullband, mono (RFC 6716 sections 3.1, 3.2 and 4.3, silence flag): one of
// 10 ms, one of 20 ms, and two and three of 20 ms in one packet.
constexpr std::array<std::uint8_t, 3> opus_silence_10{0xF0, 0xFF, 0xFE};
constexpr std::array<std::uint8_t, 3> opus_silence_20{0xF8, 0xFF, 0xFE};
constexpr std::array<std::uint8_t, 5> opus_silence_40{0xF9, 0xFF, 0xFE, 0xFF, 0xFE};
constexpr std::array<std::uint8_t, 8> opus_silence_60{0xFB, 0x03, 0xFF, 0xFE, 0xFF, 0xFE, 0xFF, 0xFE};

std::span<const std::uint8_t> opus_silence(std::chrono::milliseconds ptime) {
  if (ptime < frame_duration)
    return opus_silence_10;
  if (ptime < 2 * frame_duration)
    return opus_silence_20;
  if (ptime < 3 * frame_duration)
    return opus_silence_40;
  return opus_silence_60;
}

/// Ticks of silence that a codec encodes before its output may be repeated or left out: Opus flushes its
/// look-ahead, G.711 its resampler; G.722's predictor and step size need most of a second to come to rest.
std::uint32_t settle_ticks(codec_kind codec, bool noise) {
  // Noise of one level sounds alike whatever the codec's state.
  if (noise)
    return 5;
  switch (codec) {
  case codec_kind::opus:
    return 5;
  case codec_kind::g722:
    return 50;
  case codec_kind::pcmu:
  case codec_kind::pcma:
    break;
  }
  return 3;
}

} // namespace

outbound_stream::outbound_stream(const encoding& format, std::unique_ptr<encoder> codec,
                                 const comfort_loop* comfort)
    : format_(format)
    , codec_(std::move(codec))
    , comfort_(comfort)
    , frames_(static_cast<std::size_t>(
          std::clamp<std::int64_t>(format.ptime / frame_duration, 1, max_packet_frames)))
    , settle_ticks_(settle_ticks(format.codec, comfort != nullptr)) {}

bool outbound_stream::run(const frame& pcm, bool silent, std::uint64_t number, std::size_t noise) {
  noise_ = noise;
  silent_ticks_ = silent ? silent_ticks_ + 1 : 0;
  due_ = number % frames_ == frames_ - 1;
  collect(pcm, silent, number);
  if (!due_)
    return false;
  const bool settled = silent_ticks_ >= settle_ticks_ + frames_;
  const bool was_settled = std::exchange(settled_, settled);
  if (!settled)
    encode(pcm);
  else if (comfort_ != nullptr)
    take_from_loop(number, !was_settled);
  else if (format_.codec == codec_kind::opus)
    repeat_silence();
  mark();
  return !settled;
}

void outbound_stream::collect(const frame& pcm, bool silent, std::uint64_t number) {
  if (frames_ == 1) {
    sound_ = !silent;
    return;
  }
  // The tick before may be missing: the stream is new here, or the room was late and skipped it.
  if (std::exchange(packet_, number / frames_) != number / frames_ || number % frames_ == 0) {
    pending_ = {};
    sound_ = false;
  }
  pending_[number % frames_] = pcm;
  sound_ = sound_ || !silent;
}

void outbound_stream::encode(const frame& pcm) {
  if (packets_in_a_tick(format_) == 2) {
    const auto sizes = codec_->encode_halves(pcm, payload_);
    first_size_ = sizes.first;
    size_ = sizes.first + sizes.second;
    return;
  }
  size_ = frames_ == 1 ? codec_->encode(pcm, payload_)
                       : codec_->encode_packet(std::span(pending_).first(frames_), payload_);
  first_size_ = size_;
}

void outbound_stream::repeat_silence() {
  size_ = 0;
  first_size_ = 0;
  if (format_.dtx)
    return;
  const auto silence = opus_silence(format_.ptime);
  for (auto packets = packets_in_a_tick(format_); packets > 0; --packets) {
    std::copy(silence.begin(), silence.end(), payload_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += silence.size();
  }
  first_size_ = silence.size();
}

void outbound_stream::take_from_loop(std::uint64_t number, bool begins) {
  const auto noise = comfort_->at(noise_, number);
  const auto first = !format_.dtx ? noise.first
                     : begins     ? comfort_->pause()
                                  : std::span<const std::uint8_t>{};
  const auto second = format_.dtx ? std::span<const std::uint8_t>{} : noise.second;
  std::copy(first.begin(), first.end(), payload_.begin());
  std::copy(second.begin(), second.end(), payload_.begin() + static_cast<std::ptrdiff_t>(first.size()));
  first_size_ = first.size();
  size_ = first.size() + second.size();
}

void outbound_stream::mark() {
  const bool speech = size_ > 0 && sound_;
  marker_ = speech && in_gap_;
  if (size_ == 0)
    in_gap_ = true;
  else if (speech)
    in_gap_ = false;
}

std::span<const std::uint8_t> outbound_stream::comfort_for(std::uint32_t listener,
                                                           std::uint64_t number) const {
  if (!due_ || size_ > 0)
    return {};
  const auto turn = (number / frames_ + listener) % (comfort_period / frames_);
  if (turn == 0)
    return comfort_ != nullptr
               ? comfort_->at(noise_, number).first
               : opus_silence(std::min(format_.ptime, std::chrono::milliseconds{frame_duration}));
  return turn == 1 && comfort_ != nullptr ? comfort_->pause() : std::span<const std::uint8_t>{};
}

void outbound_stream::copy_from(const outbound_stream& other) {
  codec_->copy_state_from(*other.codec_);
  silent_ticks_ = other.silent_ticks_;
  in_gap_ = other.in_gap_;
  size_ = other.size_;
  first_size_ = other.first_size_;
  due_ = other.due_;
  sound_ = other.sound_;
  settled_ = other.settled_;
  noise_ = other.noise_;
  packet_ = other.packet_;
  if (frames_ > 1)
    pending_ = other.pending_;
  std::copy_n(other.payload_.begin(), size_, payload_.begin());
}

void outbound_stream::reset() {
  codec_->reset();
  silent_ticks_ = 0;
  size_ = 0;
  first_size_ = 0;
  due_ = false;
  sound_ = false;
  settled_ = false;
  pending_ = {};
  in_gap_ = true;
}

} // namespace plenary::audio
