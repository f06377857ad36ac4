#pragma once

#include "actors/audio/receiver_statistics.hpp"
#include "actors/audio/rtp.hpp"
#include "actors/audio/tone_listener.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/leg/digit_merger.hpp"
#include "actors/leg/rtcp.hpp"
#include "actors/leg/stream_ownership.hpp"
#include "actors/leg/telephone_event.hpp"
#include "node/net/media_ports.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <span>

namespace plenary {

/// What became of one received packet.
enum class reception {
  accepted,
  foreign,          ///< from a source that is not the leg's
  malformed,        ///< no RTP
  unplayable,       ///< the leg's own with nothing to play in it: a payload type not agreed, a keep-alive
  not_authenticated ///< SRTP check failed
};

/// What a leg's settings say about where its media comes from.
media_claim claim_of(const receive_settings& settings);

/// The receive thread's side of one leg: opens SRTP, finds digits, fills the ring. Whose a packet is has been
/// decided before (stream_ownership). Methods belong to the receive thread unless they say otherwise.
class receiving_leg {
public:
  using event_callback = std::function<void(media_event)>;

  receiving_leg(const port_lease& lease, receive_settings settings, std::shared_ptr<audio::packet_ring> ring,
                event_callback on_event);

  const port_lease& lease() const { return lease_; }
  const receive_settings& settings() const { return settings_; }

  /// Takes over new settings. Unchanged keys keep their SRTP state.
  void update(receive_settings settings);

  /// Opens SRTP in place; the plain packet, or empty when it is not authentic.
  std::span<std::uint8_t> open(std::span<std::uint8_t> packet);
  /// Our media goes to this source from now on.
  void settle(const audio::endpoint& source);
  /// Takes one opened RTP packet of the leg's own.
  reception receive_rtp(std::span<const std::uint8_t> packet, const audio::endpoint& from, mono_time now);
  /// Takes one RTCP packet.
  reception receive_rtcp(std::span<std::uint8_t> packet, const audio::endpoint& from, mono_time now,
                         wall_time clock);
  /// An empty datagram from the leg's source (RFC 6263 section 4.1).
  reception keep_alive(const audio::endpoint& from, mono_time now);
  /// Counts a packet that is not taken.
  reception reject(reception why);
  /// Tells a digit whose end was lost.
  void expire_digit(mono_time now);
  /// Tones of keys that were found in the sound, and will not be heard, since the call before.
  std::uint32_t take_clamped_tones() { return tones_ ? tones_->take_recognised() : 0; }

  /// From any thread.
  media_statistics statistics() const;
  /// From any thread; family 0: nobody knows where.
  audio::endpoint rtcp_destination() const;
  /// From any thread; see media_session.
  std::optional<audio::reception_report> take_reception_report(wall_time now);

private:
  reception deliver(const audio::rtp_packet& packet, mono_time now);
  void tell(const std::optional<digit_pressed>& digit);
  void tell(const audio::tone_press& heard);
  void listen(audio::packet_info& info, std::span<const std::uint8_t> payload);
  void alive(const audio::endpoint& from, mono_time now);
  void count(const audio::rtp_packet& packet, mono_time now);
  void take(const rtcp::report& report, wall_time clock);
  void open_protection();
  bool is_audio(std::uint8_t payload_type) const;

  port_lease lease_;
  receive_settings settings_;
  std::shared_ptr<audio::packet_ring> ring_;
  event_callback on_event_;
  std::unique_ptr<audio::srtp_session> protection_;
  std::optional<telephone_event_receiver> digits_;
  audio::endpoint destination_;                 ///< where our media goes, as far as is known here
  std::unique_ptr<audio::tone_listener> tones_; ///< made for the first packet in which there may be tones
  digit_merger merger_;

  mutable std::mutex mutex_; ///< guards what follows: other threads read it
  media_statistics statistics_;
  audio::receiver_statistics figures_;
  audio::endpoint rtcp_destination_;
  std::optional<rtcp::sender_info> latest_report_;
  rtcp::ntp_time latest_report_arrived_ = 0;
};

} // namespace plenary
