#pragma once

#include "actors/audio/media_clock.hpp"
#include "actors/audio/receive_stream.hpp"
#include "tests/audio/tone.hpp"

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

namespace plenary::audio {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// A packet and when it arrives.
struct scheduled {
  packet_info info;
  std::vector<std::uint8_t> payload;
};

/// Where simulated time begins; not 0, as on a real machine.
inline const mono_time simulation_start = mono_time(std::chrono::hours(5));

/// Encodes 20 ms packets; those without payload (DTX) are left out, their sequence number is not used.
template <class Source>
std::vector<scheduled> packets_of(Source source, const encoding& format, std::size_t frames,
                                  std::uint8_t payload_type = 96) {
  auto sending = make_encoder(format, 1).value();
  std::vector<scheduled> packets;
  std::array<std::uint8_t, max_encoded_bytes> payload;
  packet_info info;
  info.ssrc = 1234;
  info.sequence_number = 65500; // wraps soon
  info.timestamp = 0xffffff00U;
  info.payload_type = payload_type;
  info.arrival = simulation_start;
  for (std::size_t i = 0; i < frames; ++i) {
    const auto size = sending->encode(source.next(), payload);
    if (size > 0) {
      packets.push_back({info, {payload.begin(), payload.begin() + static_cast<std::ptrdiff_t>(size)}});
      ++info.sequence_number;
    }
    info.timestamp += rtp_clock_rate(format.codec) / 50;
    info.arrival += frame_duration;
  }
  return packets;
}

inline encoding telephone() {
  return {.codec = codec_kind::pcmu, .bitrate = 0};
}

inline encoding opus_without_dtx(int expected_loss = 0) {
  return {.codec = codec_kind::opus, .expected_loss = expected_loss, .dtx = false};
}

/// Delays each packet by up to `most`, loses `loss` of them, both by `seed`.
inline void disturb(std::vector<scheduled>& packets, milliseconds most, double loss, unsigned seed) {
  std::mt19937 random(seed);
  std::vector<scheduled> left;
  for (auto& packet : packets) {
    packet.info.arrival += nanoseconds(random() % static_cast<std::uint64_t>(nanoseconds(most).count() + 1));
    if (std::uniform_real_distribution<>(0, 1)(random) >= loss)
      left.push_back(std::move(packet));
  }
  packets = std::move(left);
}

/// A receive stream on simulated time.
class simulated_leg {
public:
  explicit simulated_leg(std::vector<scheduled> packets, nanoseconds tick_phase = milliseconds(7))
      : packets_(std::move(packets))
      , due_(simulation_start + tick_phase) {
    std::stable_sort(packets_.begin(), packets_.end(),
                     [](const auto& a, const auto& b) { return a.info.arrival < b.info.arrival; });
    const std::vector<receivable_payload> payloads{
        {96, codec_kind::opus}, {0, codec_kind::pcmu}, {8, codec_kind::pcma}, {9, codec_kind::g722}};
    stream = receive_stream::make(ring, payloads, {}).value();
  }

  /// One tick; the sound is appended to `heard` when it is decoded.
  preview tick(bool decoded = true) {
    while (next_ < packets_.size() && packets_[next_].info.arrival <= due_) {
      ring->push(packets_[next_].info, packets_[next_].payload);
      ++next_;
    }
    const auto seen = stream->advance(due_);
    frame pcm{};
    if (decoded)
      stream->decode(pcm);
    heard.insert(heard.end(), pcm.begin(), pcm.end());
    due_ += frame_duration;
    return seen;
  }

  void run(std::size_t ticks) {
    for (std::size_t i = 0; i < ticks; ++i)
      tick();
  }

  std::span<const std::int16_t> latest(std::size_t ticks) const {
    return std::span(heard).last(ticks * frame_samples);
  }

  std::shared_ptr<packet_ring> ring = std::make_shared<packet_ring>();
  std::unique_ptr<receive_stream> stream;
  std::vector<std::int16_t> heard;

private:
  std::vector<scheduled> packets_;
  mono_time due_;
  std::size_t next_ = 0;
};

} // namespace plenary::audio
