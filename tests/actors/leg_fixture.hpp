#pragma once

#include "actors/leg/leg_actor.hpp"
#include "schema/answer_as.hpp"
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
  std::vector<leg_told> told;

  /// Every report of that kind, in order.
  template <class Report>
  std::vector<Report> all() const {
    std::vector<Report> found;
    for (const auto& each : told)
      if (const auto* report = std::get_if<Report>(&each.what))
        found.push_back(*report);
    return found;
  }
};

inline call_actor::behavior_type scripted_call(call_actor::pointer self, std::shared_ptr<call_log> log) {
  return {
      [](const signalled&) {},
      [log](const leg_told& message) { log->told.push_back(message); },
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
  LegActor() { rooms_.places[daily_] = {node_.edges.node, 1}; }

  ~LegActor() override {
    caf::anon_send(leg_, leg_order{order::close{}});
    world_.settle();
    caf::anon_send_exit(call_, caf::exit_reason::user_shutdown);
    node_.stop();
    world_.settle();
  }

  leg_actor make_leg(leg_name name) {
    return world_.system().spawn(leg, leg_of_call{std::move(name), call_}, leg_settings{}, node_.directory,
                                 &node_.edges);
  }

  /// Orders a leg to do something and waits for its answer.
  template <class Order>
  result<typename Order::reply> ask(const leg_actor& whom, Order what) {
    return answer_as<typename Order::reply>(world_.ask<result<leg_reply>>(whom, leg_order{std::move(what)}));
  }
  template <class Order>
  result<typename Order::reply> ask(Order what) {
    return ask(leg_, std::move(what));
  }

  result<sdp_session> open(std::optional<std::string> offer, srtp_policy srtp = srtp_policy::optional,
                           std::optional<sdp_session> continuing = std::nullopt) {
    return ask(order::open{std::move(offer), srtp, std::move(continuing)});
  }

  result<room_place> enter(bool end_on_exit = false) {
    return ask(order::enter{daily_, {.end_on_exit = end_on_exit}, rooms_.places.at(daily_).epoch});
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
  call_actor call_ = world_.system().spawn(scripted_call, log_);
  leg_actor leg_ = make_leg({call_id{"c1"}, 3});
};

} // namespace plenary::test
