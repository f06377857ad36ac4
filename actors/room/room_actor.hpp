#pragma once

#include "actors/audio/mixer.hpp"
#include "actors/audio/packet_batch.hpp"
#include "actors/audio/rtcp_schedule.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/edge/tick_source.hpp"
#include "actors/protocol.hpp"
#include "actors/room/mix_segment.hpp"
#include "actors/room/roster.hpp"

#include <nlohmann/json.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string_view>

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

/// A room's memory: the roster, the mixer, and the streams of its legs.
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
  void on_end();
  void on_vacate(const vacate_room& message);
  void on_half_joins(const half_joins& message);
  void on_timeout();

private:
  struct member {
    leg_actor leg;
    std::shared_ptr<audio::duplex_stream> stream;
    std::optional<audio::rtcp_schedule> reports{}; ///< in time of ticks; nothing before its first
  };

  result<room_joined> admit(const join_room& message);
  result<void> make_way(const join_room& message);
  void tell_opened();
  void tell_joined(const join_room& message);
  void tell_left(const call_id& call, leave_reason reason);
  void tell_recovered();
  void tell_merged(const node_name& from);
  void tell_closed();
  void tell_subscribers(std::string_view event, nlohmann::json data = nullptr);
  result<void> change(const call_id& call, participation_change what);
  result<void> update_mixer(const call_id& call, const participation& how);
  void depart(const call_id& call, leave_reason reason);
  void release(const call_id& call, audio::participant_slot slot, leave_reason reason);
  void release_all(leave_reason reason);
  void close();
  void count_callers();
  void start_timeout();
  bool may_mix(mono_time now);
  void log_mixed(std::optional<mix_segment> mixed) const;
  void reserve_batch();
  void report_streams(std::uint64_t tick);
  bool is_outdated(const member& who) const;
  void on_leg_down(const caf::actor_addr& source);
  static audio::participant_io io_of(const audio::duplex_stream& stream, const participation& how);

  self_pointer self_ = nullptr;
  room_settings settings_;
  const node_edges* edges_ = nullptr;
  mono_time opened_at_{};
  mono_time timeout_at_{};
  std::optional<peer::room_place> moved_to_; ///< set: everybody is on the way there
  bool had_callers_ = false;
  bool paused_ = false;    ///< without permission to mix
  std::uint64_t told_ = 0; ///< sequence of the latest room event of this epoch
  mix_log mixed_;
  roster roster_;
  std::map<call_id, member> members_;
  audio::packet_batch batch_;
  std::unique_ptr<audio::mixer> mixer_;
  std::unique_ptr<tick_subscription> ticks_;
};

/// The room actor; ends by itself when its last participant left, or when nobody came.
room_actor::behavior_type room(room_state::self_pointer self, room_settings settings,
                               const node_edges* edges);

} // namespace plenary
