#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/edge/tick_source.hpp"
#include "actors/room/mix_segment.hpp"
#include "actors/room/mixing_gate.hpp"
#include "actors/room/room_actor_members.hpp"
#include "actors/room/root.hpp"
#include "actors/room/story.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace plenary {

/// What a room is made with.
struct room_settings {
  room_key key;
  std::uint64_t epoch = 1;
  audio::mixer_config mixer;
  directory_actor directory; ///< hears `room_counted` and `room_emptied`
  wall_time created_at{};    ///< of the room's first epoch; the clock's beginning: now
  open_reason reason = open_reason::first_join;
  std::chrono::milliseconds lost_for{0};   ///< how long the room had no owner before this one was chosen
  std::chrono::seconds empty_patience{10}; ///< for the first caller to come, and for the last to move away
  bool never_twice = false; ///< a vacated room falls silent at once: its successor may mix already
  bool tick_log = false;    ///< log the stretches that were mixed: see mix_segment.hpp
};

/// A room's memory: its root says what becomes of it, its members hold legs and sound, its story is told.
class room_state {
public:
  using self_pointer = room_actor::stateful_pointer<room_state>;

  void start(self_pointer self, room_settings settings, const node_edges& edges);

  result<room_joined> on_join(const join_room& message);
  void on_leave(const leave_room& message);
  bool on_change_stream(const change_stream& message);
  void on_mix_tick(const mix_tick& tick);
  room_snapshot on_describe() const;
  result<void> on_control(const control_participant& message);
  void on_vacate(const vacate_room& message);
  void on_half_joins(const half_joins& message);
  void on_end() { hear(room_root::ended{}); }
  void on_timeout() { hear(room_root::timeout{self_->clock().now()}); }

private:
  std::vector<room_root::effect> advance(const room_root::event& what);
  void hear(const room_root::event& what);
  void perform(const room_root::refuse&) {} // answered where it was asked
  void perform(const room_root::take_in&) {}
  void perform(const room_root::tell_joined& what);
  void perform(const room_root::tell_recovered& what);
  void perform(const room_root::tell_changed& what);
  void perform(const room_root::suppress_noise& what) { members_->stage().suppress_noise(what.on); }
  void perform(const room_root::release& what);
  void perform(const room_root::count& what);
  void perform(const room_root::relocate_all& what);
  void perform(const room_root::start_timer& what);
  void perform(const room_root::close& what);

  result<std::uint32_t> admit(const join_room& message);
  bool speaks_for(const call_id& call) const;
  bool may_mix(mono_time now);
  void mix(const mix_tick& tick);
  void report_streams(std::uint64_t tick);
  void on_leg_down(const caf::actor_addr& source);

  self_pointer self_ = nullptr;
  room_settings settings_;
  const node_edges* edges_ = nullptr;
  mono_time opened_at_{};
  room_root::state root_;
  mixing_gate gate_{false};
  mix_log mixed_;
  std::unique_ptr<room_members> members_;
  std::optional<room_story> story_;
  std::unique_ptr<tick_subscription> ticks_;
};

/// The room actor; ends by itself when its last participant left, or when nobody came.
room_actor::behavior_type room(room_state::self_pointer self, room_settings settings,
                               const node_edges* edges);

} // namespace plenary
