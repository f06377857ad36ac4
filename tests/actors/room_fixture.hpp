#pragma once

#include "tests/actors/call_edges.hpp"
#include "tests/actors/node_world.hpp"

namespace plenary::test {

/// One room, number 7 of its name, with callers whose legs only write down what they hear.
class room_fixture : public testing::Test {
protected:
  struct caller {
    call_id id;
    leg_actor leg;
    std::shared_ptr<leg_log> log = std::make_shared<leg_log>();
    std::shared_ptr<audio::packet_ring> ring = std::make_shared<audio::packet_ring>();
    std::shared_ptr<audio::duplex_stream> stream;
  };

  room_fixture() { open({}); }

  /// A room instead of the one before, with these settings for the rest.
  void open(room_settings settings) {
    if (room_)
      caf::anon_send_exit(room_, caf::exit_reason::kill);
    settings.key = daily_;
    settings.epoch = 7;
    settings.mixer.max_participants = 3;
    settings.directory = node_.directory;
    world_.settle();
    room_ = world_.system().spawn(room, settings, &world_.edges());
    node_.rooms[daily_] = {room_, 7};
    world_.settle();
  }

  bool lives() const { return node_.rooms.count(daily_) != 0; }

  result<void> control(const caller& who, participant_control what) {
    return world_.ask<result<void>>(room_, control_participant{who.id, what});
  }

  ~room_fixture() override {
    for (auto& leg : legs_)
      caf::anon_send_exit(leg, caf::exit_reason::kill);
    caf::anon_send_exit(room_, caf::exit_reason::kill);
    node_.stop();
    world_.settle();
  }

  caller make_caller(const std::string& name, std::uint16_t port) {
    caller made;
    made.id = call_id{name};
    made.leg = world_.system().spawn(scripted_leg, made.log);
    made.stream = make_pcmu_stream(made.ring, port);
    legs_.push_back(made.leg);
    return made;
  }

  result<room_joined> join(const caller& who, bool muted = false, bool end_on_exit = false) {
    return world_.ask<result<room_joined>>(room_,
                                           join_room{who.id, who.leg, who.stream, {muted, end_on_exit}});
  }

  /// A caller who says this about the room's noise.
  void join_saying(const caller& who, std::optional<bool> noise_suppression) {
    join_room message{who.id, who.leg, who.stream, {.noise_suppression = noise_suppression}};
    ASSERT_TRUE(world_.ask<result<room_joined>>(room_, std::move(message)));
    world_.settle();
  }

  room_snapshot describe() { return world_.ask<room_snapshot>(room_, describe_room{}); }

  void leave(const caller& who) {
    caf::anon_send(room_, leave_room{who.id});
    world_.settle();
  }

  const room_key daily_{customer_id{"c"}, "daily"};
  actor_world world_;
  room_map rooms_;
  test_node node_{world_, "node-a", rooms_};
  room_actor room_;
  std::vector<leg_actor> legs_;
};

} // namespace plenary::test
