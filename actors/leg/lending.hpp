#pragma once

#include "actors/audio/duplex_stream.hpp"
#include "schema/ids.hpp"
#include "schema/participation.hpp"
#include "schema/peer.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <memory>
#include <variant>
#include <vector>

/// Who holds a leg's stream: the leg itself, or one room of its node that it is lent to. A pure machine; the
/// leg performs its effects (leg_actor_lender.hpp).
///
///             enter            found              admitted             leave
///   [free] ----------> [asking] ----> [lent] ----------------> [in] ----------> [leaving]
///    ^ ^ ^   not found   | ^ ^           | |                    |                   |
///    | | +---------------+ | +-bounced---+ | overdue            |                   |
///    | +-------------------|-----refused---+                    |                   |
///    |                     |               v                    |                   |
///    +-- refused, bounced, removed, lost --[withdrawn]          |                   |
///    +----------------------------------------------------------+-- removed, lost --+
///
/// The stream is the leg's in [free] and [asking], and nobody's but the room's from [lent] on, until the room
/// gives it back, refuses it, or is gone. A wish to leave that comes before the room has answered is kept
/// until it has let the leg in. From [withdrawn] nobody is told of anything any more: who wanted in has heard
/// that it failed.
///
/// Changes of the stream are made at once while it is here, wait while it is on its way, and are sent to the
/// room that has it. Each is kept until the room says that it is carried out; what it did not carry out the
/// leg does when the stream is back, in the order in which the changes came.
namespace plenary::lending {

/// A room that ends at the very moment of the join is asked for again; so often it may end.
inline constexpr int most_bounces = 3;

enum class phase { free, asking, lent, in, leaving, withdrawn };

/// The room that the call sends the leg to.
struct wish {
  room_key room;
  participation how{};
  std::uint64_t epoch = 0; ///< of the room that is meant: another one is `stale`
};

/// The room that let the leg in.
struct place {
  node_name node;
  std::uint64_t epoch = 0;

  friend bool operator==(const place&, const place&) = default;
};

/// A change that is not known to be carried out. Whoever carries it out leaves an empty one behind.
struct pending_change {
  std::uint64_t number = 0;
  std::shared_ptr<audio::stream_change> what;
};

/// Everything the machine remembers; a value.
struct state {
  phase now = phase::free;
  std::uint64_t turn = 0; ///< of the latest question to the directory; what belongs to an older one is void
  wish wanted{};          ///< from [asking] until the leg has left
  int bounces = 0;
  bool leaves = false; ///< as soon as the room has let it in
  std::uint64_t last_change = 0;
  std::vector<pending_change> changes{}; ///< in the order in which they came

  /// True while the leg itself may touch the stream.
  bool is_here() const { return now == phase::free || now == phase::asking; }
};

// -- what happens -------------------------------------------------------------------------------------------

/// Only [free] takes it.
struct enter {
  wish what;
};
/// The directory has the room on this node.
struct found {
  std::uint64_t turn = 0;
};
struct not_found {
  std::uint64_t turn = 0;
  error why;
};
/// The room's answer to `lend`; comes before anything else that it says.
struct admitted {
  std::uint64_t turn = 0;
  place where;
};
struct refused {
  std::uint64_t turn = 0;
  error why;
};
/// There was no room any more: it never had the stream.
struct bounced {
  std::uint64_t turn = 0;
};
/// The room has not answered in time.
struct overdue {
  std::uint64_t turn = 0;
};
/// The call wants the leg out.
struct leave {};
/// The room gave the stream back.
struct removed {
  leave_reason reason = leave_reason::requested;
};
/// The room that had the stream has failed.
struct lost {};
/// Somebody changes the stream.
struct change {
  std::shared_ptr<audio::stream_change> what;
};
/// The room has carried out a change.
struct carried_out {
  std::uint64_t turn = 0;
  std::uint64_t number = 0;
};
/// The leg ends.
struct close {};

using event = std::variant<enter, found, not_found, admitted, refused, bounced, overdue, leave, removed, lost,
                           change, carried_out, close>;

// -- what is to be done, in this order ----------------------------------------------------------------------

/// Ask the directory for `wanted` [found, not_found].
struct ask {
  std::uint64_t turn = 0;
};
/// Hand the stream to the room that was found [admitted, refused or bounced, once; overdue].
struct lend {
  std::uint64_t turn = 0;
};
/// The room has the stream: hear of its end [lost]; later, no more.
struct watch {};
struct unwatch {};
/// Tell the room that the leg wants out [removed].
struct take_leave {};
/// The stream is the leg's again.
struct take_back {};
/// Carry out a change of the leg's own stream.
struct apply_here {
  std::shared_ptr<audio::stream_change> what;
};
/// Tell the room to carry out a change [carried_out].
struct send_on {
  std::uint64_t turn = 0;
  pending_change what;
};
/// Answer who wanted in.
struct answer {
  result<place> what;
};
/// Tell the call that its leg is in no room any more.
struct tell_left {
  leave_reason reason = leave_reason::requested;
};

using effect =
    std::variant<ask, lend, watch, unwatch, take_leave, take_back, apply_here, send_on, answer, tell_left>;

struct outcome {
  state next;
  std::vector<effect> effects;
};

/// Takes one event; what does not fit the phase, or belongs to an older turn, changes nothing.
outcome step(state before, const event& what);

} // namespace plenary::lending
