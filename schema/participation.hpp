#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace plenary {

/// Characters of a participant's label at most.
inline constexpr std::size_t max_label_characters = 64;

/// dB that a caller may be amplified or attenuated by at most.
inline constexpr double most_gain_db = 20;

/// dB by which a caller may hear the others louder.
inline constexpr double most_hear_gain_db = 12;

/// How loud a caller is heard.
struct level_setting {
  bool automatic = true; ///< brought to everybody's loudness, where the room does that
  double gain_db = 0;    ///< when it is not: a fixed gain, -20 to 20

  friend bool operator==(const level_setting&, const level_setting&) = default;
};

/// What a caller is and may do in a room: one value from the flow's action over leg, room and wire to the
/// API.
struct participation {
  bool muted = false;       ///< never heard
  bool end_on_exit = false; ///< the room ends when this caller leaves it
  std::string label{};      ///< what others read of the caller, at most 64 characters; empty: none
  std::string number{};     ///< the call's `from`: set by the call, whatever the action says
  level_setting level{};
  bool deaf = false;       ///< hears nobody
  double hear_gain_db = 0; ///< everybody is heard louder by this, -20 to 12
  /// What the caller says of its room; once it is in: what holds there.
  std::optional<bool> noise_suppression{};

  friend bool operator==(const participation&, const participation&) = default;
};

/// What is changed of it while the caller is in a room; the rest stays.
struct participation_change {
  std::optional<bool> muted{};
  std::optional<bool> end_on_exit{};
  std::optional<std::string> label{};
  std::optional<level_setting> level{};
  std::optional<bool> deaf{};
  std::optional<double> hear_gain_db{};
  std::optional<bool> noise_suppression{}; ///< from the room alone

  friend bool operator==(const participation_change&, const participation_change&) = default;
};

/// Changes what the change names.
inline void apply(const participation_change& change, participation& what) {
  what.muted = change.muted.value_or(what.muted);
  what.end_on_exit = change.end_on_exit.value_or(what.end_on_exit);
  what.label = change.label.value_or(what.label);
  what.level = change.level.value_or(what.level);
  what.deaf = change.deaf.value_or(what.deaf);
  what.hear_gain_db = change.hear_gain_db.value_or(what.hear_gain_db);
  if (change.noise_suppression)
    what.noise_suppression = change.noise_suppression;
}

/// Takes the participant out of the room.
struct kick {
  friend bool operator==(const kick&, const kick&) = default;
};

/// Live control of one participant.
using participant_control = std::variant<participation_change, kick>;

} // namespace plenary
