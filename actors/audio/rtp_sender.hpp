#pragma once

#include "actors/audio/frame_source.hpp"
#include "actors/audio/packet_batch.hpp"
#include "actors/audio/srtp.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace plenary::audio {

/// Where and as what a leg sends.
struct send_settings {
  std::uint32_t ssrc = 0;
  std::uint16_t first_sequence_number = 0; ///< random (RFC 3550 section 5.1)
  std::uint32_t first_timestamp = 0;       ///< random
  std::uint8_t payload_type = 0;
  std::uint32_t clock_rate = 48000; ///< RTP clock: 960 or 160 units a tick
  endpoint remote;
  port_index port = 0;
};

/// Figures for RTCP sender reports.
struct send_statistics {
  std::uint32_t ssrc = 0;
  std::uint32_t packets = 0;
  std::uint32_t octets = 0; ///< payload bytes (RFC 3550 section 6.4.1)
  std::uint32_t latest_timestamp = 0;
};

/// The sending half of a leg: numbers payloads, protects them, and puts them into the room's batch.
class rtp_sender final : public frame_sink {
public:
  /// `protection` may be null: plain RTP.
  rtp_sender(const send_settings& settings, std::unique_ptr<srtp_session> protection);

  /// The batch that send() fills, the room's; null: packets are dropped.
  void attach(packet_batch* batch);

  /// New address, port or payload type after a re-INVITE; SSRC, sequence and timestamps go on.
  void redirect(const endpoint& remote, port_index port, std::uint8_t payload_type, std::uint32_t clock_rate);

  /// New keys after a re-INVITE; null: plain RTP.
  void rekey(std::unique_ptr<srtp_session> protection);

  /// Sends one packet in ten, 5 a second: to who never asked for more. What is left out is no loss to the far
  /// end, as in DTX: the sequence numbers go on without a gap.
  void set_trickle(bool trickles) { trickles_ = trickles; }

  void send(std::span<const std::uint8_t> payload, std::uint64_t number, bool marker) override;
  void send_second(std::span<const std::uint8_t> payload, std::uint64_t number) override;

  const endpoint& remote() const;
  bool is_protected() const;
  send_statistics statistics() const;
  /// The same for a report that leaves on this tick: the RTP time is the tick's (RFC 3550 section 6.4.1).
  send_statistics statistics_at(std::uint64_t number) const;

private:
  bool can_send(std::span<const std::uint8_t> payload) const;
  bool is_held_back(std::uint64_t number) const;
  std::uint32_t timestamp_of(std::uint64_t number);
  void put(std::span<const std::uint8_t> payload, std::uint32_t timestamp, bool marker);

  send_settings settings_;
  std::unique_ptr<srtp_session> protection_;
  packet_batch* batch_ = nullptr;
  std::optional<std::uint64_t> first_number_;
  std::optional<std::uint64_t> latest_number_; ///< that was sent
  bool trickles_ = false;
  std::uint16_t sequence_number_ = 0;
  send_statistics statistics_;
};

} // namespace plenary::audio
