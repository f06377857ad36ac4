#pragma once

#include "node/http/api_backend.hpp"

#include <optional>
#include <string>
#include <vector>

namespace plenary::test {

inline const wall_time noon{std::chrono::sys_days{std::chrono::May / 29 / 2026} + std::chrono::hours{12}};
inline constexpr const char* known_call = "call_20260529T120000.000000001_node-a";

/// One call and one room of `cust_a` and two nodes, in memory; remembers what it was told to do.
class one_call_and_room final : public api_backend {
public:
  one_call_and_room() {
    using namespace std::chrono_literals;
    call.id.value = known_call;
    call.customer.value = "cust_a";
    call.application.value = "app_a";
    call.provider_call_id = "uuid";
    call.status = call_status::completed;
    call.from = "+15550001";
    call.to = "+15550002";
    call.node.value = "node-a";
    call.created_at = noon;
    call.answered_at = noon + 1s;
    call.ended_at = noon + 43s + 900ms;
    call.cause = hangup_cause{16, "normal_clearing"};
    call.variables = {{"k", "v"}};
    call.last_sequence = 3;
    room.key = {call.customer, "daily"};
    room.node = call.node;
    room.epoch = 3;
    room.created_at = noon;
    room.noise_suppression = true;
    room.participants.push_back({call.id, {true, false, "Ann", "+15550001"}, true, noon + 2s});
    nodes = {node("node-a", member_phase::live), node("node-b", member_phase::live)};
    nodes.front().self = true;
  }

  static node_description node(std::string name, member_phase phase) {
    node_description made;
    made.identity.name.value = std::move(name);
    made.identity.address = "10.0.0.1:7400";
    made.identity.incarnation = 1780056000000000001;
    made.identity.version = "0.1.0";
    made.identity.region = "eu";
    made.status = {phase, 4, 2, 3, {}};
    return made;
  }

  void find_call(customer_id, call_id id, callback<std::optional<call_record>> done) override {
    if (trouble)
      return done(tl::unexpected<error>(*trouble));
    done(id == call.id ? std::optional{call} : std::nullopt);
  }
  void list_calls(customer_id, page part, callback<call_listing> done) override {
    asked_page = part;
    auto other = call;
    other.customer.value = "cust_b";
    done(call_listing{{call, other}, more, {{"node-c"}}});
  }
  void hang_up(customer_id, call_id id, callback<void> done) override {
    if (trouble)
      return done(tl::unexpected<error>(*trouble));
    if (id != call.id)
      return done(fail(errc::not_found, "none"));
    told.push_back("hangup " + id.value);
    done({});
  }
  void list_rooms(customer_id customer, page part, callback<room_listing> done) override {
    asked_page = part;
    asked_customer = customer;
    auto other = room.key;
    other.customer.value = "cust_b";
    room_listing all;
    all.rooms = {{room.key, {room.node, room.epoch}, room},
                 {other, {room.node, 1}, room},
                 {{room.key.customer, "moving"}, {{"node-b"}, 9}, std::nullopt}};
    all.more = more;
    done(std::move(all));
  }
  void find_room(room_key key, callback<std::optional<room_snapshot>> done) override {
    if (trouble)
      return done(tl::unexpected<error>(*trouble));
    done(key == room.key ? std::optional{room} : std::nullopt);
  }
  void control_participant(room_key key, call_id id, participant_control what,
                           callback<control_outcome> done) override {
    using kind = control_outcome::kind;
    if (trouble)
      return done(tl::unexpected<error>(*trouble));
    if (key != room.key)
      return done(control_outcome{kind::no_room, {}});
    if (id != call.id)
      return done(control_outcome{kind::no_participant, {}});
    if (const auto* change = std::get_if<participation_change>(&what))
      told.push_back(
          fmt::format("change{}{}{}{}{}{}",
                      !change->muted   ? ""
                      : *change->muted ? " mute"
                                       : " unmute",
                      !change->end_on_exit   ? ""
                      : *change->end_on_exit ? " end"
                                             : " stay",
                      change->label ? " label=" + *change->label : "",
                      !change->level             ? ""
                      : change->level->automatic ? " levelled"
                                                 : fmt::format(" gain={}", change->level->gain_db),
                      !change->deaf   ? ""
                      : *change->deaf ? " deaf"
                                      : " hears",
                      !change->hear_gain_db ? "" : fmt::format(" hear_gain={}", *change->hear_gain_db)));
    else
      told.push_back("kick");
    done(control_outcome{kind::done, {room.node, room.epoch}});
  }
  void end_room(room_key key, callback<control_outcome> done) override {
    if (key != room.key)
      return done(control_outcome{control_outcome::kind::no_room, {}});
    told.push_back("end " + key.name);
    done(control_outcome{control_outcome::kind::done, {room.node, room.epoch}});
  }
  void list_nodes(callback<std::vector<node_description>> done) override { done(nodes); }
  void set_draining(node_name node, bool drain, callback<void> done) override {
    told.push_back((drain ? "drain " : "undrain ") + node.value);
    done({});
  }
  void ready(std::function<void(readiness)> done) override { done(state); }

  call_record call;
  room_snapshot room;
  std::vector<node_description> nodes;
  readiness state;
  std::optional<error> trouble;
  bool more = false;
  page asked_page;
  customer_id asked_customer;
  std::vector<std::string> told;
};

} // namespace plenary::test
