#pragma once

#include "actors/call/media_news.hpp"
#include "schema/call.hpp"
#include "schema/call_failure.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

namespace plenary::call_machine {

/// To be done: 180.
struct ring {};
/// To be done: make a leg near this room, or by the call's id [leg_opened, always].
struct place_leg {
  std::optional<room_key> room;
};
/// To be done: hand the caller's answer to the leg [leg_completed].
struct complete_leg {
  std::string answer;
};
/// To be done: 200 with this SDP [confirmed].
struct accept {
  std::string sdp;
};
/// To be done: a final refusal of the INVITE.
struct reject {
  int status = 503;
  std::string reason;
  std::optional<std::chrono::seconds> retry_after;
  std::string detail{}; ///< why, in a few words; of 488: what did not fit
};
/// To be done: BYE with this cause.
struct hang_up {
  hangup_cause cause;
};
/// To be done.
struct close_leg {};

/// What an action needs of the caller's side before it begins.
enum class needs : std::uint8_t {
  nothing,
  media, ///< a leg, not an answer
  answer ///< the caller is answered, and can hear and be heard
};

/// How the caller's side of a call stands: its INVITE, and the leg that is to carry it.
///
///   [offered] --alert--> [alerting] --answering: it is being told--> [answering] --accept--> [accepted]
///                                                                                              |   |
///           [up] <--leg_completed-- [completing] <--ACK, with the answer to the leg's offer----+   |
///            ^---------------------------------------------------------------------------ACK-------+
///
///   any of these, on BYE, CANCEL, a dead dialog, or when the call lets go of its caller: [over]
///
///   the leg: [none] --place--> [placing] --opened--> [open] --close--> [none]
///
/// With an INVITE without SDP the offer is the leg's: nobody knows how that caller can hear before its ACK
/// has come, so the answer comes first, whatever the action needs.
struct dialog {
  enum class phase : std::uint8_t { offered, alerting, answering, accepted, completing, up, over };
  enum class leg_phase : std::uint8_t { none, placing, open };
  /// What brings the caller's side nearer to what an action needs.
  enum class step : std::uint8_t { begin, place, answer, wait };

  phase now = phase::offered;
  leg_phase leg = leg_phase::none;
  bool late_offer = false; ///< the leg made the offer; its answer comes with the ACK
  std::string sdp;         ///< to accept with

  /// True once the 200 is out, until the end.
  bool is_accepted() const { return now >= phase::accepted && now < phase::over; }
  /// True from the decision to answer until the caller is there.
  bool is_on_its_way() const { return now >= phase::answering && now < phase::up; }
  step toward(needs what) const;

  ring alert();
  place_leg place(std::optional<room_key> room);
  /// The leg is there, or there is none; false when nobody asked for one.
  bool opened(const result<media_path::opened_leg>& made);
  void replaced(const std::string& description);
  accept answer();
  /// The caller's answer to the leg's offer.
  complete_leg complete(std::string answer);
  void gone() { now = phase::over; }
  /// Lets go of a caller who is still there; a failure says more of the cause.
  std::optional<std::variant<hang_up, reject>> dismiss(const hangup_cause& cause,
                                                       const std::optional<call_failure>& failure);
  /// Lets go of the leg, once.
  std::optional<close_leg> close();
};

} // namespace plenary::call_machine
