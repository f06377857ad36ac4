#pragma once

#include "actors/directory/placement.hpp"
#include "schema/peer.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

/// Who belongs to the cluster, as one node sees it, and whether this node may own rooms. A pure machine.
///
///                +-------------------- lapse: this process stood still for longer than its permit ----+
///                v                                                                                     |
///   [joining: owns and decides nothing] --every member linked, its rooms known--> [live] <--> [draining]
///        ^      |                          or 2 s have passed                        |   set_draining
///        |      | hold: 2 s have passed and no majority is on its way                |
///        |      v                                                                    |
///      [held: plays silence, refuses joins] <---- the majority is gone --------------+
///
/// Joining and held nodes have no permit, and without one a node takes no calls.
///
/// A peer is *linked* while there is a link to it, *admitted* once its rooms are known and everybody whom it
/// or this node has admitted sees everybody else: members always see each other all, and two groups become
/// one as a whole or not at all. When two admitted peers lose each other for longer than `blind_patience`,
/// the one with fewer links (then the larger name) is cut off by everybody else until the two meet again;
/// likewise when they do not admit each other for longer than `estranged_patience`.
///
/// Under `hold` nobody mixes, and nobody opens a room, on the word of a peer that may have given its word to
/// somebody else: a peer votes for this node once it has counted it as a member for `permit_time`, and a lost
/// member's rooms are opened anew once a majority has been without it for `silence` (may_open).
namespace plenary::membership {

/// A starting node that does not find everybody waits no longer than this; under `hold` it goes on waiting
/// while votes that make a majority are on their way, each of them for so long after its link came up.
inline constexpr std::chrono::milliseconds join_patience{2000};

/// Two members that do not see each other are borne this long. Longer than two heartbeats.
inline constexpr std::chrono::milliseconds blind_patience{1000};

/// Two members that see each other but do not both admit each other are borne this long after the last change
/// of anybody's links or members. A guess.
inline constexpr std::chrono::milliseconds estranged_patience{2000};

/// A member that was cut off is not linked again for this long. So much shorter than `blind_patience` that
/// the pause itself makes nobody part with anybody.
inline constexpr std::chrono::milliseconds cut_pause{300};

struct settings {
  peer_identity self;
  std::size_t expected_peers = 0; ///< a starting node waits for so many; 0: a cluster of its own
  std::size_t size = 1;           ///< members of the whole cluster; the majority is of these
  bool hold = false;              ///< `on_partition = "hold"`
  std::chrono::milliseconds silence{1500};
};

/// How long this node may mix without being sure of itself: less than what others wait before they take over.
constexpr std::chrono::milliseconds permit_time(const settings& fixed) {
  return fixed.silence * 2 / 3;
}

struct peer {
  peer_identity identity;
  member_status status;
  mono_time linked_at{};
  mono_time confirmed_at{}; ///< when the heartbeat was sent that it answered last
  bool rooms_known = false;
  bool admitted = false;
  std::optional<mono_time> votes_since; ///< it counts this node as a member without a break since then
};

/// Two members that have lost each other, as a third one sees it.
struct estrangement {
  mono_time since{};
  bool blind = false; ///< they have no link; else they only do not admit each other
};

/// Everything the machine remembers; a value.
struct state {
  settings fixed;
  member_phase phase = member_phase::joining;
  bool wants_drain = false;
  mono_time joining_since{};
  mono_time last_step{};
  mono_time doubted_at{}; ///< answers to earlier heartbeats prove nothing
  std::map<node_name, peer> peers;
  std::map<std::pair<node_name, node_name>, estrangement> estranged;
  mono_time restless_at{};  ///< somebody's links or members were others then
  std::set<node_name> lost; ///< members that were lost and have not come back
  mono_time contested_at{}; ///< under `hold`: somebody else may have mixed our rooms until then
  std::optional<mono_time> majority_since; ///< a majority votes for this node without a break since then
};

struct link_up {
  peer_identity identity;
  member_status status;
};
struct status_came {
  node_name peer;
  member_status status;
  mono_time asked_at{};
};
/// The peer's complete list of rooms arrived on its present link.
struct rooms_known {
  node_name peer;
};
struct link_down {
  node_name peer;
  std::chrono::milliseconds silent_for{0}; ///< nothing came from it for so long before the link ended
};
struct draining_set {
  bool drain = true;
};
/// Every 100 ms.
struct tick {};

using event = std::variant<link_up, status_came, rooms_known, link_down, draining_set, tick>;

/// The node's phase is another one: to be told to all.
struct phase_changed {
  member_phase phase = member_phase::joining;
};
struct member_joined {
  node_name name;
};
/// The peer is not a member any more: what it owned has no owner.
struct member_lost {
  node_name name;
  std::chrono::milliseconds silent_for{0}; ///< its rooms were without an owner for so long already
};
/// The link to this peer is to be ended.
struct cut {
  node_name name;
};
/// Rooms may mix until then.
struct permitted {
  mono_time until{};
};

using effect = std::variant<phase_changed, member_joined, member_lost, cut, permitted>;

struct outcome {
  state next;
  std::vector<effect> effects;
};

/// A node that starts at `now`.
state start(settings fixed, mono_time now);

/// One step at `now`. An event that has no meaning in the state changes nothing.
outcome step(state before, const event& what, mono_time now);

/// The nodes that may own rooms, this one included, with their weights: live ones; draining ones with weight
/// 0.
std::vector<placement::member> owners(const state& now);

/// Callers of each of them; `ours` are this node's.
placement::load callers(const state& now, std::uint64_t ours);

/// The peers that this node has a link to.
std::vector<peer_identity> links(const state& now);

/// The peers that count as members, by name.
std::vector<node_name> members(const state& now);

/// Whether a room without owner may be opened now: under `hold` not before everybody who may have mixed it
/// has surely stopped.
bool may_open(const state& state, mono_time now);

/// Whether this node decides where new rooms go (live, or draining with somebody else to give them to).
bool decides(const state& now);

} // namespace plenary::membership
