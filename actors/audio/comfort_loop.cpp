#include "actors/audio/comfort_loop.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace plenary::audio {
namespace {

// Ticks that bring an encoder into the state that it has in steady noise.
constexpr std::size_t settling = 12;
constexpr int loop_bitrate = 16000;
constexpr int loop_bandwidth = 16000;
constexpr int loop_complexity = 2;
constexpr std::uint8_t toc_without_count = 0xFC; // RFC 6716 section 3.1: one frame in the packet

/// Encodings that share a loop: any Opus decoder understands any Opus packet.
encoding loop_format(const encoding& format) {
  encoding made{format.codec, 0, 0, false, 0, false, format.ptime};
  if (format.codec == codec_kind::opus) {
    made.bitrate = loop_bitrate;
    made.bandwidth_hz = std::min(format.bandwidth_hz, loop_bandwidth);
  }
  return made;
}

std::size_t ticks_in_packet(const encoding& format) {
  return static_cast<std::size_t>(
      std::clamp<std::int64_t>(format.ptime / frame_duration, 1, max_packet_frames));
}

} // namespace

comfort_loop::comfort_loop(const encoding& format)
    : frames_(ticks_in_packet(format)) {}

result<const comfort_loop*> comfort_loop::of(const encoding& format, bool wanted) {
  if (!wanted)
    return nullptr;
  static std::mutex access;
  static std::map<encoding, std::unique_ptr<comfort_loop>> loops;
  const auto key = loop_format(format);
  const std::lock_guard lock(access);
  if (const auto found = loops.find(key); found != loops.end())
    return found->second.get();
  auto made = make(key);
  if (!made)
    return tl::unexpected(made.error());
  return loops.emplace(key, std::move(*made)).first->second.get();
}

result<std::unique_ptr<comfort_loop>> comfort_loop::make(const encoding& format) {
  std::unique_ptr<comfort_loop> made(new comfort_loop(format));
  for (std::size_t step = 0; step < noise_steps.size(); ++step) {
    auto codec = make_encoder(format, loop_complexity);
    if (!codec)
      return tl::unexpected(codec.error());
    made->record(**codec, step, format);
  }
  const auto& first = made->pieces_[0].front();
  if (first.first > 0)
    made->pause_ = {static_cast<std::uint8_t>(made->bytes_[first.begin] & toc_without_count)};
  return made;
}

void comfort_loop::record(encoder& codec, std::size_t step, const encoding& format) {
  const auto amplitude = noise_amplitude(noise_steps[step]);
  const auto warm_up = (settling + frames_ - 1) / frames_;
  std::array<frame, max_packet_frames> sound;
  std::array<std::uint8_t, max_encoded_bytes> payload{};
  for (std::size_t i = 0; i < warm_up + noise_table::ticks / frames_; ++i) {
    // The warm-up is the end of the loop.
    const auto first = noise_table::ticks + (i - warm_up) * frames_;
    for (std::size_t k = 0; k < frames_; ++k) {
      sound[k].fill(0);
      noise_table::get().add_to(sound[k], first + k, amplitude, amplitude);
    }
    encoder::halves size;
    if (packets_in_a_tick(format) == 2)
      size = codec.encode_halves(sound[0], payload);
    else
      size.first = codec.encode_packet(std::span(sound).first(frames_), payload);
    if (i < warm_up)
      continue;
    pieces_[step].push_back({bytes_.size(), size.first, size.second});
    bytes_.insert(bytes_.end(), payload.begin(),
                  payload.begin() + static_cast<std::ptrdiff_t>(size.first + size.second));
  }
}

comfort_loop::packet comfort_loop::at(std::size_t step, std::uint64_t number) const {
  const auto& pieces = pieces_[step];
  const auto& found = pieces[number / frames_ % pieces.size()];
  const std::span all(bytes_);
  return {all.subspan(found.begin, found.first), all.subspan(found.begin + found.first, found.second)};
}

} // namespace plenary::audio
