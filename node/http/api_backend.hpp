#pragma once

#include "schema/call.hpp"
#include "schema/peer.hpp"
#include "schema/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// Whether the node should get traffic, and why not.
struct readiness {
  struct check {
    std::string name; ///< snake_case, for example `store`
    bool ok = true;
    std::string detail; ///< for people; may be empty
  };
  bool draining = false;
  std::vector<check> checks; ///< ready when all are ok and the node is not draining
};

/// A part of a list that is sorted by name or id.
struct page {
  std::string after;       ///< only what sorts behind this; empty: from the start
  std::size_t limit = 100; ///< entries at most
};

/// A room in a list; without `details` when its owner did not answer in time or is being replaced.
struct listed_room {
  room_key key;
  peer::room_place place;
  std::optional<room_snapshot> details;
};

/// Some of a customer's rooms.
struct room_listing {
  std::vector<listed_room> rooms;
  bool more = false; ///< further rooms sort behind these
};

/// Some of a customer's live calls.
struct call_listing {
  std::vector<call_record> calls;
  bool more = false;             ///< further calls sort behind these
  std::vector<node_name> silent; ///< members that did not say which calls they have
};

/// How live control of a room went.
struct control_outcome {
  enum class kind { done, no_room, no_participant };
  kind what = kind::done;
  peer::room_place place; ///< of the room, when it is known
};

/// A node of the cluster, as the asked node sees it.
struct node_description {
  peer_identity identity;
  member_status status; ///< of a lost node: the latest known
  bool self = false;    ///< it is the node that answers
  std::optional<wall_time> lost_since;
};

/// Where the API's answers come from. Every method returns at once; `done` runs once, on any thread. The
/// errors `moving`, `moved`, `stale`, `unavailable`, `limit_reached` and `conference_unavailable` mean that a
/// retry will help. `customer` is whose key asks: nobody sees what belongs to others.
class api_backend {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  virtual ~api_backend() = default;

  /// The call of that id, live or ended, wherever it is held; nothing when whoever must know it does not.
  virtual void find_call(customer_id customer, call_id id, callback<std::optional<call_record>> done) = 0;

  /// Live calls on all nodes, sorted by id.
  virtual void list_calls(customer_id customer, page part, callback<call_listing> done) = 0;

  /// Ends a live call; `not_found` when there is none of that id.
  virtual void hang_up(customer_id customer, call_id id, callback<void> done) = 0;

  /// Live rooms on all nodes, sorted by name.
  virtual void list_rooms(customer_id customer, page part, callback<room_listing> done) = 0;

  /// The live room of that key, or nothing.
  virtual void find_room(room_key key, callback<std::optional<room_snapshot>> done) = 0;

  /// Changes what one participant may do, or removes it.
  virtual void control_participant(room_key key, call_id call, participant_control what,
                                   callback<control_outcome> done) = 0;

  /// Sends everybody out of a room.
  virtual void end_room(room_key key, callback<control_outcome> done) = 0;

  /// The members of the cluster, this node first, then those that were lost lately.
  virtual void list_nodes(callback<std::vector<node_description>> done) = 0;

  /// Starts or cancels the draining of a node; `not_found` when there is no such member.
  virtual void set_draining(node_name node, bool drain, callback<void> done) = 0;

  virtual void ready(std::function<void(readiness)> done) = 0;
};

} // namespace plenary
