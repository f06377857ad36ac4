#include "actors/audio/outbound_stream.hpp"

#include <algorithm>

namespace plenary::audio {
namespace {

// 20 ms of digital silence as one CELT frame, fullband, mono (RFC 6716 sections 3.1 and 4.3, silence flag).
constexpr std::array<std::uint8_t, 3> opus_silence{0xF8, 0xFF, 0xFE};

/// Ticks of silence that a codec encodes before its output may be repeated or left out: Opus flushes its
/// look-ahead, G.711 its resampler; G.722's predictor and step size need most of a second to come to rest.
std::uint32_t settle_ticks(codec_kind codec) {
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

outbound_stream::outbound_stream(const encoding& format, std::unique_ptr<encoder> codec)
    : format_(format)
    , codec_(std::move(codec))
    , settle_ticks_(settle_ticks(format.codec)) {}

bool outbound_stream::run(const frame& pcm, bool silent) {
  silent_ticks_ = silent ? silent_ticks_ + 1 : 0;
  const bool settled = silent_ticks_ > settle_ticks_;
  if (!settled) {
    size_ = codec_->encode(pcm, payload_);
  } else if (format_.codec == codec_kind::opus && format_.dtx) {
    size_ = 0;
  } else if (format_.codec == codec_kind::opus) {
    std::copy(opus_silence.begin(), opus_silence.end(), payload_.begin());
    size_ = opus_silence.size();
  }
  mark();
  return !settled;
}

void outbound_stream::mark() {
  const bool speech = size_ > 0 && silent_ticks_ == 0;
  marker_ = speech && in_gap_;
  if (size_ == 0)
    in_gap_ = true;
  else if (speech)
    in_gap_ = false;
}

std::span<const std::uint8_t> outbound_stream::comfort() {
  return opus_silence;
}

void outbound_stream::copy_from(const outbound_stream& other) {
  codec_->copy_state_from(*other.codec_);
  silent_ticks_ = other.silent_ticks_;
  in_gap_ = other.in_gap_;
  size_ = other.size_;
  std::copy_n(other.payload_.begin(), size_, payload_.begin());
}

void outbound_stream::reset() {
  codec_->reset();
  silent_ticks_ = 0;
  size_ = 0;
  in_gap_ = true;
}

} // namespace plenary::audio
