#pragma once

#include "schema/peer.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace plenary {

/// What one node knows of the rooms of all nodes: who owns each, under which epoch. Pure: `now` comes from
/// outside, and what has to be said to others is returned.
///
/// Of two rooms of one name the newer epoch counts, everywhere; the owner of the other one vacates it. Until
/// its owner says that it is closed, the older one is remembered: should the newer one end first, the older
/// one counts again. A room whose owner was lost is kept as an orphan, so that its successor knows what it
/// follows; any owner that lives counts more.
class room_table {
public:
  /// An owner that was lost is remembered this long; then the name is as good as new. Longer than callers
  /// wait.
  static constexpr std::chrono::seconds orphan_time{60};

  /// While a room is this long without owner, it is "moving"; afterwards nobody wanted it any more.
  static constexpr std::chrono::seconds moving_time{5};

  /// What a place is: it exists, it is between owners, or it does not exist.
  enum class standing { owned, moving, unknown };

  /// A room that its owner has not closed yet, although a newer one counts.
  struct claim {
    node_name owner;
    std::uint64_t epoch = 0;
    wall_time created_at{};
  };

  struct entry {
    std::optional<node_name> owner; ///< nothing: an orphan
    std::uint64_t epoch = 0;        ///< of the owner, or of the last one
    wall_time created_at{};
    std::optional<mono_time> lost_at;        ///< of an orphan
    std::chrono::milliseconds silent_for{0}; ///< of an orphan: how long its owner said nothing before
    std::vector<claim> older;                ///< of other nodes; only while there is an owner
  };

  /// A room of this node has a newer owner: everybody in it moves there.
  struct superseded {
    owned_room ours;
    peer::room_place to;
  };

  /// What a peer's list means for our rooms.
  struct lesson {
    std::vector<superseded> vacate; ///< ours no more
    std::vector<room_key> halves;   ///< the peer's older half of it will come to ours
  };

  explicit room_table(node_name self)
      : self_(std::move(self)) {}

  /// What a peer says of its rooms.
  lesson learn(const node_name& peer, const peer::rooms_changed& said);

  /// A room of this node; refused with `stale` when a room of an equal or newer epoch is known.
  result<void> own(const owned_room& room);

  /// A room of this node has ended, if it still is the one of that epoch.
  void release(const room_key& key, std::uint64_t epoch);

  /// Rooms of a node that was lost now, after it had said nothing for so long, become orphans. The result:
  /// how many.
  std::size_t lose(const node_name& owner, mono_time now,
                   std::chrono::milliseconds silent_for = std::chrono::milliseconds{0});

  /// Forgets orphans that nobody has wanted.
  void forget_orphans(mono_time now);

  standing standing_of(const room_key& key, mono_time now) const;

  /// The owner and epoch of a room that has one.
  std::optional<peer::room_place> place_of(const room_key& key) const;

  /// What is known of a name, orphan or not; null for a new name.
  const entry* find(const room_key& key) const;

  /// Whether this node owns the room under that epoch.
  bool is_ours(const room_key& key, std::uint64_t epoch) const;

  /// Whether another node's room is an older half of one of this node.
  bool has_half(const owned_room& theirs) const;

  /// All rooms of one customer that have an owner.
  std::vector<std::pair<room_key, peer::room_place>> rooms_of(const customer_id& customer) const;

  /// All rooms of this node.
  std::vector<owned_room> ours() const;

  std::size_t owned_count() const { return entries_.size() - orphans_; }

  /// What changed of our rooms since the last call; nothing when nothing did.
  std::optional<peer::rooms_changed> take_changes();

private:
  using entries = std::unordered_map<room_key, entry>;

  void learn_one(const node_name& peer, const owned_room& room, lesson& into);
  void replace(entry& known, const claim& by);
  bool fall_back(entry& known);
  void forget(entries::iterator where, const node_name& owner, std::uint64_t epoch);
  void forget_missing(const node_name& peer, const std::vector<owned_room>& all);

  node_name self_;
  entries entries_;
  std::size_t orphans_ = 0;
  std::vector<owned_room> opened_;
  std::vector<owned_room> closed_;
};

} // namespace plenary
