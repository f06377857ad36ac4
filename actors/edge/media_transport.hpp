#pragma once

#include "actors/audio/media_address.hpp"
#include "actors/audio/packet_batch.hpp"
#include "actors/audio/packet_ring.hpp"
#include "actors/audio/receive_stream.hpp"
#include "actors/audio/receiver_statistics.hpp"
#include "actors/audio/srtp.hpp"
#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <variant>
#include <vector>

namespace plenary {

/// What the receiving thread must know of one leg; follows from the negotiated SDP.
struct receive_settings {
  audio::endpoint expected_source;               ///< the SDP's connection address and port
  std::vector<std::uint8_t> audio_payload_types; ///< others are dropped
  std::optional<std::uint8_t> telephone_event;   ///< payload type of RFC 4733 events
  std::uint8_t level_extension = 0;              ///< RFC 6464 extension id, 1 to 14; 0: none
  std::optional<audio::srtp_keys> srtp;          ///< the caller's keys; nothing: plain RTP
  std::uint32_t telephone_event_clock_rate = 8000;
  audio::endpoint expected_rtcp;    ///< where the SDP wants RTCP; equal to the source with rtcp-mux
  std::uint32_t clock_rate = 48000; ///< RTP clock of the audio, for jitter (RFC 3550 section 6.4.1)
  audio::endpoint signalling;       ///< where the INVITE came from; the port means nothing; family 0: unknown
  /// Where media may come from; null or empty: anywhere.
  std::shared_ptr<const audio::address_blocks> media_ips;
  std::uint32_t our_ssrc = 0; ///< of what we send: RTCP about another one means nothing; 0: none sent yet
  std::uint8_t family = 0;    ///< 4 or 6: what our address should be when no address is expected; 0: any
  std::uint32_t offer = 0;    ///< number of the agreement (see media_target)
  std::vector<audio::receivable_payload> tone_payloads{}; ///< sound in which keys' tones are looked for
};

/// A key that was pressed and let go, told once however often and in whatever ways the caller sent it:
/// telephone-event packets (RFC 4733), tones in the sound.
struct digit_pressed {
  char digit = '0'; ///< 0-9, `*`, `#`, A-D
  std::chrono::milliseconds duration{0};
  mono_time start{}; ///< by the arrival of its packets
  mono_time end{};
};

/// The leg's media comes from there, heard for the first time, anew after an offer, or from another address
/// than before: ours goes there from now on.
struct source_latched {
  audio::endpoint remote;
  std::uint32_t offer = 0; ///< of the settings under which that was found
};

/// What the receive thread tells of one leg.
using media_event = std::variant<digit_pressed, source_latched>;

/// What one leg received so far.
struct media_statistics {
  std::uint64_t packets_received = 0;
  std::uint64_t packets_foreign = 0;    ///< from a source that is not the leg's
  std::uint64_t packets_rejected = 0;   ///< malformed, nothing to play in it, or failed SRTP
  std::optional<mono_time> last_packet; ///< of the owner: RTP that we can play or not, RTCP, keep-alives
  /// The latest offer under which something came from the machine that our media goes to.
  std::optional<std::uint32_t> answered_offer;
  std::optional<std::uint8_t> loss_of_ours; ///< the caller's latest fraction lost of what we send, in 1/256
};

/// One leg's open place on a media port; closes when destroyed.
class media_session {
public:
  virtual ~media_session() = default;

  /// The address for our SDP.
  virtual audio::endpoint local() const = 0;
  /// The port index for packets that this leg sends.
  virtual audio::port_index port() const = 0;
  /// Takes over new settings (answer arrived, re-INVITE); whose stream is whose is decided anew.
  virtual void update(receive_settings settings) = 0;
  virtual media_statistics statistics() const = 0;
  /// What to report of the caller's stream in RTCP, counted since the call before; `now` for the delay since
  /// its latest sender report. Nothing before its first packet.
  virtual std::optional<audio::reception_report> take_reception_report(wall_time now) = 0;
  /// Sends a compound RTCP packet (RFC 3550 section 6) that is complete, protected if need be.
  virtual void send_rtcp(std::span<const std::uint8_t> packet) = 0;
};

/// The node's media ports and their receive thread.
class media_transport {
public:
  virtual ~media_transport() = default;

  /// Opens a place whose packets go into `ring`. `on_event` runs on the receive thread and must return at
  /// once. Fails with `limit_reached` when no port is left, `network` when the system gives no socket,
  /// `not_acceptable` when the node has no address of the expected source's IP version.
  virtual result<std::unique_ptr<media_session>> open(receive_settings settings,
                                                      std::shared_ptr<audio::packet_ring> ring,
                                                      std::function<void(media_event)> on_event) = 0;

  /// Sends a batch (one system call per port) and empties it. Never waits: what the kernel does not take is
  /// dropped and counted.
  virtual void transmit(audio::packet_batch& batch) = 0;
};

} // namespace plenary
