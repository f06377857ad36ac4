#pragma once

#include "actors/leg/leg_actor.hpp"
#include "tests/actors/node_world.hpp"

namespace plenary::test {

inline constexpr const char* pcmu_offer = "v=0\r\n"
                                          "o=- 1 1 IN IP4 127.0.0.9\r\n"
                                          "s=-\r\n"
                                          "c=IN IP4 127.0.0.9\r\n"
                                          "t=0 0\r\n"
                                          "m=audio 4000 RTP/AVP 0 101\r\n"
                                          "a=rtpmap:101 telephone-event/8000\r\n";

inline constexpr const char* opus_offer = "v=0\r\n"
                                          "o=- 1 1 IN IP4 127.0.0.9\r\n"
                                          "s=-\r\n"
                                          "c=IN IP4 127.0.0.9\r\n"
                                          "t=0 0\r\n"
                                          "m=audio 4000 RTP/AVP 111\r\n"
                                          "a=rtpmap:111 opus/48000/2\r\n"
                                          "a=fmtp:111 useinbandfec=1\r\n";

/// The first with another address.
inline std::string pcmu_offer_at(const std::string& address) {
  auto offer = std::string{pcmu_offer};
  const std::string_view version = address.find(':') == std::string::npos ? "IP4" : "IP6";
  const std::string_view line = "c=IN IP4 127.0.0.9";
  return offer.replace(offer.find(line), line.size(), fmt::format("c=IN {} {}", version, address));
}

/// What a call was told by its leg.
struct call_log {
  std::vector<left_room> left;
  std::vector<char> digits;
  std::vector<room_moves> moves;
  std::vector<participant_changed> changes;
  std::vector<media_timed_out> timeouts;

  std::vector<leave_reason> reasons() const {
    std::vector<leave_reason> all;
    for (const auto& each : left)
      all.push_back(each.reason);
    return all;
  }
};

inline call_actor::behavior_type scripted_call(call_actor::pointer self, std::shared_ptr<call_log> log) {
  return {
      [](const signalled&) {},
      [log](const left_room& message) { log->left.push_back(message); },
      [log](const media_timed_out& message) { log->timeouts.push_back(message); },
      [log](const digit_received& message) { log->digits.push_back(message.digit); },
      [log](const room_moves& message) { log->moves.push_back(message); },
      [log](const participant_changed& message) { log->changes.push_back(message); },
      [](const leg_ended&) {},
      [self](const end_call&) { self->quit(); },
      [](const describe_call&) { return call_record{}; },
  };
}

/// A room that only shows the stream that joins it.
inline room_actor::behavior_type scripted_room(room_actor::pointer,
                                               std::shared_ptr<std::shared_ptr<audio::duplex_stream>> seen) {
  return {
      [seen](const join_room& message) -> result<room_joined> {
        *seen = message.stream;
        return room_joined{};
      },
      [](const leave_room&) {},
      [](const change_stream&) { return true; },
      [](const mix_tick&) {},
      [](const describe_room&) { return room_snapshot{}; },
      [](const control_participant&) -> result<void> { return {}; },
      [](const end_room&) {},
      [](const vacate_room&) {},
      [](const half_joins&) {},
      [](const room_timeout&) {},
  };
}

class LegActor : public testing::Test {
protected:
  LegActor()
      : leg_(world_.system().spawn(leg, leg_name{call_id{"c1"}, 3}, leg_settings{}, node_.directory,
                                   &node_.edges)) {
    rooms_.places[daily_] = {node_.edges.node, 1};
    call_ = world_.system().spawn(scripted_call, log_);
  }

  ~LegActor() override {
    caf::anon_send(leg_, close_leg{});
    world_.settle();
    caf::anon_send_exit(call_, caf::exit_reason::user_shutdown);
    node_.stop();
    world_.settle();
  }

  result<described_media> open(std::optional<std::string> offer, srtp_policy srtp = srtp_policy::optional,
                               std::optional<sdp_session> continuing = std::nullopt) {
    return world_.ask<result<described_media>>(leg_, open_leg{call_, std::move(offer), srtp, continuing});
  }

  result<room_joined> enter(bool end_on_exit = false) {
    return world_.ask<result<room_joined>>(
        leg_, enter_room{daily_, {.end_on_exit = end_on_exit}, rooms_.places.at(daily_).epoch});
  }

  /// Number of the offer that the network was told of last.
  std::uint32_t offer_known() { return node_.media.session_at(node_.media.opened() - 1)->settings.offer; }

  /// News from the network, found under that offer.
  void hear_at(const audio::endpoint& source, std::uint32_t offer) {
    node_.media.session_at(node_.media.opened() - 1)->on_event(source_latched{source, offer});
    world_.settle();
  }

  bool daily_lives() const { return node_.rooms.count(daily_) != 0; }

  void beat() {
    node_.ticks.beat(std::chrono::steady_clock::now(), ++beats_);
    world_.settle();
  }

  template <class Message>
  void tell(Message message) {
    caf::anon_send(leg_, std::move(message));
    world_.settle();
  }

  const room_key daily_{customer_id{"c"}, "daily"};
  actor_world world_;
  room_map rooms_;
  test_node node_{world_, "node-a", rooms_};
  std::shared_ptr<call_log> log_ = std::make_shared<call_log>();
  std::uint64_t beats_ = 0;
  call_actor call_;
  leg_actor leg_;
};

} // namespace plenary::test
