#pragma once

#include "actors/audio/stage.hpp"
#include "actors/protocol.hpp"

#include <map>
#include <optional>
#include <vector>

namespace plenary {

/// A part of the room's actor: the legs that are in, by call, and the stage that holds their streams.
class room_members {
public:
  explicit room_members(const audio::mixer_config& mixer)
      : stage_(mixer) {}

  /// Takes a leg's stream in, under the number of its caller. Fails like audio::stage::add().
  result<void> add(const join_room& message, std::uint32_t number);

  /// Lets go of the stream of a call that is in; gives the leg that has it again.
  leg_actor remove(const call_id& call);

  /// Changes what the caller may do, or its stream; the call is in. Both fail like audio::stage::change().
  result<void> change(const call_id& call, const participation& how);
  result<void> change(const call_id& call, audio::stream_change&& what);

  /// The leg of a call, or null when it is not in.
  const leg_actor* leg_of(const call_id& call) const;

  /// The call whose leg has that address.
  std::optional<call_id> call_of(const caf::actor_addr& leg) const;

  /// What is heard of a call that is in.
  bool is_speaking(const call_id& call) const { return stage_.is_speaking(members_.at(call).slot); }
  audio::participant_loudness loudness_of(const call_id& call) const {
    return stage_.loudness_of(members_.at(call).slot);
  }

  /// The leg of the stream in that slot.
  const leg_actor& leg_at(audio::participant_slot slot) const { return legs_[slot]; }

  /// The legs by slot, with null ones between.
  const std::vector<leg_actor>& legs() const { return legs_; }

  audio::stage& stage() { return stage_; }

private:
  struct member {
    leg_actor leg;
    audio::participant_slot slot = 0;
  };

  std::map<call_id, member> members_;
  std::vector<leg_actor> legs_;
  audio::stage stage_;
};

} // namespace plenary
