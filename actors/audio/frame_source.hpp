#pragma once

#include "actors/audio/frame.hpp"
#include "schema/ids.hpp"

#include <cstdint>
#include <optional>
#include <span>

namespace plenary::audio {

/// What a leg has for this tick, known without decoding.
struct preview {
  bool audio = false;                ///< false: nothing, DTX or comfort noise; decode() then gives silence
  bool concealed = false;            ///< the packet is missing; decode() gives FEC or concealment
  std::optional<std::uint8_t> level; ///< RFC 6464 level in -dBov, 0 (loudest) to 127
  std::uint16_t payload_bytes = 0; ///< size of the packet that will be decoded: small Opus packets are quiet
  std::optional<bool> voice{};     ///< whether the sender's encoder found a voice in it, if the codec tells
  bool followed = false;           ///< another packet waits behind it: no lone one
  bool stale = false; ///< frames before it were not decoded: a decoder with a memory needs some to come right
};

/// The receiving half of a leg as the mixer sees it. Used by one thread at a time.
class frame_source {
public:
  virtual ~frame_source() = default;

  /// Steps to the tick that is due at `due`. A frame announced before and not decoded is dropped undecoded.
  virtual preview advance(mono_time due) = 0;

  /// Decodes the announced frame; at most once per advance().
  virtual void decode(frame& out) = 0;
};

/// The sending half of a leg as the mixer sees it. Used by one thread at a time.
class frame_sink {
public:
  virtual ~frame_sink() = default;

  /// Sends the payload of tick `number`; the RTP timestamp follows from the number, so ticks without send()
  /// are DTX gaps. `marker` begins a talkspurt (RFC 3551 section 4.1). `payload` stays valid until the
  /// mixer's tick() returns and the caller flushed its batch.
  virtual void send(std::span<const std::uint8_t> payload, std::uint64_t number, bool marker) = 0;

  /// Sends the second of two packets of 10 ms that tick `number` is sent as; the first one went to send().
  virtual void send_second(std::span<const std::uint8_t> payload, std::uint64_t number) = 0;
};

} // namespace plenary::audio
