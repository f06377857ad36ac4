#pragma once

#include "actors/audio/receive_stream.hpp"
#include "actors/audio/rtp_sender.hpp"

#include <memory>
#include <optional>

namespace plenary::audio {

/// The part of a leg that a room's tick uses. Handed from the leg to the room that it joins and back: exactly
/// one of the two touches it at any time.
struct duplex_stream {
  std::unique_ptr<receive_stream> receive;
  std::unique_ptr<rtp_sender> send;
  encoding format;       ///< what `send` carries
  bool can_speak = true; ///< false while the caller holds us: its media is not heard
  bool can_hear = true;  ///< false while the caller wants no media
};

/// What a new offer or a moved source changes of a stream. Members that are empty leave things as they are.
struct stream_change {
  std::unique_ptr<receive_stream> receive;
  struct destination {
    endpoint remote;
    port_index port = 0;
    std::uint8_t payload_type = 0;
    std::uint32_t clock_rate = 48000;
  };
  std::optional<destination> send_to;
  struct new_keys {
    std::unique_ptr<srtp_session> protection; ///< null: plain RTP
  };
  std::optional<new_keys> keys;
  std::optional<encoding> format;
  std::optional<bool> can_speak;
  std::optional<bool> can_hear;
  std::optional<bool> trickle; ///< see rtp_sender::set_trickle
};

/// Carries out a change; to be called by the stream's present owner.
void apply(stream_change&& change, duplex_stream& stream);

} // namespace plenary::audio
