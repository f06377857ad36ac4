#pragma once

#include "actors/audio/rtp.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/leg/receiver_statistics.hpp"
#include "actors/leg/rtcp.hpp"
#include "actors/leg/source_latch.hpp"
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
  malformed,        ///< no RTP, or a payload type that was not agreed
  not_authenticated ///< SRTP check failed
};

/// The receive thread's side of one leg: opens SRTP, watches the source, finds digits, fills the ring.
/// Methods belong to the receive thread unless they say otherwise.
class receiving_leg {
public:
  using event_callback = std::function<void(media_event)>;

  receiving_leg(const port_lease& lease, receive_settings settings, std::shared_ptr<audio::packet_ring> ring,
                event_callback on_event);

  const port_lease& lease() const { return lease_; }
  const audio::endpoint& expected_source() const { return settings_.expected_source; }
  /// True while any source may still turn out to be the leg's.
  bool is_waiting() const { return !latch_.is_fixed(); }
  /// SSRC of the latest accepted packet.
  std::optional<std::uint32_t> ssrc() const { return ssrc_; }
  /// True once per expected source: the first time that the leg's source has become known.
  bool settle();

  /// Takes over new settings. Unchanged keys keep their SRTP state, an unchanged source its latch.
  void update(receive_settings settings, mono_time now);

  /// Takes one RTP packet, which SRTP changes in place.
  reception receive_rtp(std::span<std::uint8_t> packet, const audio::endpoint& from, mono_time now);
  /// Takes one RTCP packet.
  reception receive_rtcp(std::span<std::uint8_t> packet, mono_time now, wall_time clock);
  /// Tells a digit whose end was lost.
  void expire_digit(mono_time now);

  /// From any thread.
  media_statistics statistics() const;
  /// From any thread.
  audio::endpoint rtcp_destination() const;
  /// From any thread; see media_session.
  std::optional<reception_report> take_reception_report(wall_time now);

private:
  reception check(std::span<std::uint8_t>& packet);
  reception deliver(const audio::rtp_packet& packet, mono_time now);
  void tell(std::optional<digit_pressed> digit);
  void count(const audio::rtp_packet& packet, mono_time now);
  void open_protection();
  bool is_audio(std::uint8_t payload_type) const;
  reception reject(reception why);

  port_lease lease_;
  receive_settings settings_;
  std::shared_ptr<audio::packet_ring> ring_;
  event_callback on_event_;
  std::unique_ptr<audio::srtp_session> protection_;
  source_latch latch_;
  std::optional<telephone_event_receiver> digits_;
  std::optional<std::uint32_t> ssrc_;
  bool settled_ = false;

  mutable std::mutex mutex_; ///< guards what follows: other threads read it
  media_statistics statistics_;
  receiver_statistics figures_;
  audio::endpoint rtcp_destination_;
  std::optional<rtcp::sender_info> latest_report_;
  rtcp::ntp_time latest_report_arrived_ = 0;
};

} // namespace plenary
