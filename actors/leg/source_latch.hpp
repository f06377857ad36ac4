#pragma once

#include "actors/audio/endpoint.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>

namespace plenary {

/// Decides which source address a leg's media may come from. Packets are shown to it after SRTP and RTP
/// checks.
///
///   [SDP address expected] --packet from it--------------------------------------> [fixed]
///            |                                                                        |  ^
///            | 200 ms without one, then 5 consecutive packets of one SSRC             |  | 5 consecutive
///            packets | from one other address                                                 |  | of the
///            same SSRC from
///            +----------------------------------------------------> [fixed] ----------+  | one other
///            address, after
///                                                                        2 s of silence -+ 2 s of silence
///
/// Everything else is foreign. Whoever guesses a port has therefore to send before the caller does, or to
/// know the caller's SSRC while the caller is silent; SRTP closes the rest.
class source_latch {
public:
  static constexpr int consecutive_packets = 5;
  static constexpr std::chrono::milliseconds sdp_grace{200}; ///< the SDP address alone counts for so long
  static constexpr std::chrono::milliseconds rebinding_silence{2000};

  /// What we know of one packet.
  struct packet {
    audio::endpoint from;
    std::uint32_t ssrc = 0;
    std::uint16_t sequence_number = 0;
  };

  /// `expected` is the SDP's address; grace starts at `now`.
  source_latch(const audio::endpoint& expected, mono_time now);

  /// True when the packet is the leg's; the fifth packet that latches is already accepted.
  bool accept(const packet& seen, mono_time now);

  /// The source that is accepted now: the SDP address, later the latched one. Media is sent there.
  const audio::endpoint& remote() const { return remote_; }

  /// True once any packet was accepted.
  bool is_fixed() const { return ssrc_.has_value(); }

private:
  bool may_move(const packet& seen, mono_time now) const;
  bool count(const packet& seen);
  void fix(const packet& seen, mono_time now);

  audio::endpoint remote_;
  mono_time since_; ///< start, later the latest accepted packet
  std::optional<std::uint32_t> ssrc_;
  packet candidate_;
  int candidate_packets_ = 0;
};

} // namespace plenary
