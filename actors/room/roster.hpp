#pragma once

#include "schema/call.hpp"
#include "schema/participation.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace plenary {

/// One participant of a room.
struct participant {
  std::uint32_t number = 0; ///< given by the room; nobody else of it gets the same
  participation how{};
  wall_time joined_at{};
};

/// What a departure means for the room.
struct departure {
  std::optional<participant> left; ///< nothing: the call was not in the room
  bool ends_room = false;          ///< everybody else leaves too
};

/// Who is in a room, and what a participant's leaving means for the others.
class roster {
public:
  roster() = default;
  /// `suppresses_noise`: as long as nobody says otherwise.
  explicit roster(bool suppresses_noise)
      : suppresses_noise_(suppresses_noise) {}

  /// False when the call is in the room already.
  bool add(const call_id& call, const participant& who);

  /// Takes a call out.
  departure remove(const call_id& call);

  /// Takes note of what the API changed; false when the call is not in the room.
  bool change(const call_id& call, const participation_change& what);

  /// Whether noise is suppressed for all: the first caller who says so has the word.
  bool suppresses_noise() const { return said_.value_or(suppresses_noise_); }

  /// Hears what a call that joined says of it; gives the calls that do not say what holds by somebody's word.
  std::vector<call_id> settle_noise_suppression(const call_id& joined);

  /// Every call in the room, by id (call ids sort by time).
  std::vector<call_id> calls() const;

  const participant* find(const call_id& call) const;
  std::size_t size() const { return participants_.size(); }
  const std::map<call_id, participant>& participants() const { return participants_; }

private:
  std::map<call_id, participant> participants_;
  bool suppresses_noise_ = false;
  std::optional<bool> said_; ///< of the suppression of noise
};

} // namespace plenary
