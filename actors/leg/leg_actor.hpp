#pragma once

#include "actors/audio/media_address.hpp"
#include "actors/audio/rtcp_schedule.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/leg/leg_actor_lender.hpp"
#include "actors/leg/media_pace.hpp"
#include "actors/leg/media_target.hpp"
#include "actors/leg/stream_setup.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace plenary {

/// What every leg of a node is made with.
struct leg_settings {
  audio::jitter_limits jitter;
  std::chrono::seconds media_timeout{30}; ///< silence on the wire that ends the call; 0: never
  int opus_bitrate = 24000;               ///< bit/s
  bool clamp_dtmf = true;                 ///< keys' tones are digits of the call, not sound of the room
};

/// A leg's memory: negotiation, media session, and the stream with who lends it to rooms of this node.
class leg_state {
public:
  using self_pointer = leg_interface::stateful_pointer<leg_state>;

  void start(self_pointer self, leg_of_call made, const leg_settings& settings, directory_actor directory,
             const node_edges& edges);
  ~leg_state();

  caf::result<result<leg_reply>> on_order(const leg_order& what);
  void on_negotiation_ended(const negotiation_ended& message);
  void on_negotiation_overdue(const negotiation_overdue& message);
  void on_media(const media_noticed& message);
  void on_relocate(const relocate& message);
  void on_participation_changed(const participation_changed& message);
  void on_removed(const removed_from_room& message);
  void on_join_overdue(const join_overdue& message) { lender_.on_overdue(message); }
  void on_report(const stream_report& message);
  void on_supervise();

private:
  using order_promise = caf::typed_response_promise<result<leg_reply>>;

  caf::result<result<leg_reply>> perform(const order::open& what);
  caf::result<result<leg_reply>> perform(const order::renegotiate& what);
  caf::result<result<leg_reply>> perform(const order::accept_answer& what);
  caf::result<result<leg_reply>> perform(const order::confirm& what);
  caf::result<result<leg_reply>> perform(const order::enter& what);
  caf::result<result<leg_reply>> perform(const order::exit& what);
  caf::result<result<leg_reply>> perform(const order::close& what);
  void tell(leg_report what);
  caf::result<result<leg_reply>> read(std::function<negotiation_ended::outcome()> work);
  void answer_reading(result<leg_reply> answer);
  result<void> take(const sdp::fitting_offer& offer);
  result<void> take(const sdp::session& offered);
  result<void> take(const sdp::negotiated& agreed);
  result<void> open_media(const audio::endpoint& expected, std::uint8_t family);
  result<void> change_media(const sdp::fitting_offer& offer);
  result<void> set_stream(const sdp::negotiated& agreed);
  result<void> adopt(sdp::negotiated agreed);
  void on_down(const caf::down_msg& down);
  result<void> check_addresses(const audio::endpoint& remote, const audio::endpoint& control);
  receive_settings settings_for(const sdp::negotiated& agreed) const;
  void look_for_answer();
  void set_pace();
  std::optional<mono_time> send_own_rtcp(mono_time now);
  void send_rtcp(const audio::send_statistics& sent);
  void adapt_to_loss();
  void supervise();

  self_pointer self_ = nullptr;
  leg_name name_;
  leg_settings settings_;
  std::shared_ptr<const audio::media_address_rules> media_rules_; ///< as they were when it began; null: none
  const node_edges* edges_ = nullptr;
  call_actor owner_;

  sdp::capabilities ours_;
  sdp::session session_;
  std::optional<sdp::negotiated> agreed_;
  std::uint64_t readings_ = 0;           ///< number of the latest work given to the pool
  std::optional<order_promise> reading_; ///< who waits for what is being read

  std::shared_ptr<audio::packet_ring> ring_;
  std::unique_ptr<media_session> media_;
  stream_lender lender_;
  std::unique_ptr<audio::srtp_session> rtcp_protection_; ///< null: plain RTCP
  audio::receive_statistics reported_;
  std::uint64_t overflows_told_ = 0; ///< of the ring, already counted
  int expected_loss_ = 0;            ///< per cent, what our encoder prepares for
  mono_time supervised_since_{};
  mono_time supervised_at_{};

  audio::endpoint signalling_; ///< where the INVITE came from; family 0: not known
  std::string trunk_;
  media_pace pace_{true, {}};
  bool trickles_ = false; ///< what the stream was told
  media_target target_;
  std::optional<audio::rtcp_schedule> own_reports_; ///< while the stream is in no room
  std::uint32_t ssrc_ = 0;                          ///< of what we send
};

/// The leg actor; ends on `order::close` and when its call's actor ends.
leg_interface::behavior_type leg(leg_state::self_pointer self, leg_of_call made, leg_settings settings,
                                 directory_actor directory, const node_edges* edges);

} // namespace plenary
