#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/frame_source.hpp"
#include "actors/audio/packet_ring.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace plenary::audio {

/// Limits of the adaptive jitter buffer.
struct jitter_limits {
  std::chrono::milliseconds min_delay{20};  ///< least playout delay, 20 to max_delay
  std::chrono::milliseconds max_delay{200}; ///< most playout delay; older packets are dropped
};

/// A payload type that the leg may receive.
struct receivable_payload {
  std::uint8_t payload_type = 0;
  codec_kind codec = codec_kind::opus;
  bool comfort_noise = false; ///< RFC 3389 at 8 kHz instead of a codec
};

/// What happened to the packets of one leg so far.
struct receive_statistics {
  std::uint64_t received = 0;
  std::uint64_t late = 0; ///< arrived after their place was played
  std::uint64_t duplicate = 0;
  std::uint64_t concealed = 0;          ///< frames filled by concealment
  std::uint64_t recovered = 0;          ///< frames rebuilt from FEC
  std::uint64_t discarded = 0;          ///< dropped to bring the delay down
  std::uint64_t stretched_samples = 0;  ///< added to absorb jitter or drift, at the mixing rate
  std::uint64_t compressed_samples = 0; ///< removed for the same reason
  std::chrono::milliseconds target_delay{0};
  std::chrono::milliseconds playout_delay{0}; ///< now, from arrival to playout
};

/// The receiving half of a leg: drains the ring into an adaptive jitter buffer and plays out 20 ms a tick,
/// with Opus FEC, concealment, time scaling for jitter and clock drift, and any packet time from 2.5 to 120
/// ms.
class receive_stream final : public frame_source {
public:
  /// Fails with `internal` when a decoder cannot be made.
  static result<std::unique_ptr<receive_stream>> make(std::shared_ptr<packet_ring> ring,
                                                      const std::vector<receivable_payload>& payloads,
                                                      const jitter_limits& limits);
  ~receive_stream() override;

  preview advance(mono_time due) override;
  void decode(frame& out) override;

  /// Drops what is queued (joining a room after a pause without ticks).
  void flush();

  receive_statistics statistics() const;

private:
  struct state;
  explicit receive_stream(std::unique_ptr<state> made);
  // A silent leg touches no other memory on a tick than this object and the lookout's cache line.
  std::unique_ptr<state> state_;
  std::optional<packet_ring::lookout>
      resting_; ///< nothing is buffered, queued or fading: only a packet ends that
};

} // namespace plenary::audio
