#pragma once

#include "actors/audio/mixer.hpp"
#include "actors/audio/packet_batch.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/edge/tick_source.hpp"
#include "actors/protocol.hpp"
#include "actors/room/roster.hpp"

#include <map>
#include <memory>

namespace plenary {

/// What a room is made with.
struct room_settings {
  room_key key;
  std::uint64_t epoch = 1;
  audio::mixer_config mixer;
  directory_actor directory; ///< hears `room_emptied`
};

/// A room's memory: the roster, the mixer, and the streams of its legs.
class room_state {
public:
  using self_pointer = room_actor::stateful_pointer<room_state>;

  void start(self_pointer self, room_settings settings, const node_edges& edges);

  result<room_joined> on_join(const join_room& message);
  void on_leave(const leave_room& message);
  void on_change_stream(const change_stream& message);
  void on_mix_tick(const mix_tick& tick);
  room_snapshot on_describe() const;

private:
  struct member {
    leg_actor leg;
    std::shared_ptr<leg_stream> stream;
  };

  result<room_joined> admit(const join_room& message);
  void depart(const call_id& call, leave_reason reason);
  void release(const call_id& call, audio::participant_slot slot, leave_reason reason);
  void close();
  void reserve_batch();
  void report_streams() const;
  void on_leg_down(const caf::actor_addr& source);
  static audio::participant_io io_of(const leg_stream& stream, bool muted);

  self_pointer self_ = nullptr;
  room_settings settings_;
  const node_edges* edges_ = nullptr;
  wall_time created_at_{};
  roster roster_;
  std::map<call_id, member> members_;
  audio::packet_batch batch_;
  std::unique_ptr<audio::mixer> mixer_;
  std::unique_ptr<tick_subscription> ticks_;
};

/// The room actor; ends by itself when its last participant left.
room_actor::behavior_type room(room_state::self_pointer self, room_settings settings,
                               const node_edges* edges);

} // namespace plenary
