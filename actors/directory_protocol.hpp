#pragma once

// Messages to the directory, to the registry of live calls and to the links between nodes: where things are.
// See actors/protocol.hpp.

#include "actors/edge/peer_network.hpp"
#include "actors/media_protocol.hpp"
#include "schema/room_news.hpp"

#include <functional>
#include <utility>

namespace plenary {

// -- messages to a peer's link ------------------------------------------------------------------------------

/// Asks the peer; answered within the deadline, with `unavailable` when the link ends first.
struct ask_peer {
  peer_request what;
  std::chrono::milliseconds deadline{3000};
};

/// The peer's answer arrived.
struct peer_answered {
  std::uint64_t number = 0;
  result<peer_reply> answer;
};

/// The link is gone: the actor that stands for the peer ends.
struct link_lost {};

/// Stands for one peer while there is a link to it; whoever needs the peer monitors it.
using link_actor = caf::typed_actor<caf::replies_to<ask_peer>::with<result<peer_reply>>,
                                    caf::reacts_to<peer_answered>, caf::reacts_to<link_lost>>;

// -- messages to the node's responder -----------------------------------------------------------------------

/// Carries out on this node's objects what a peer (or this node's own API) asks for.
struct serve_peer {
  node_name from;
  node_request what;
  link_actor link; ///< to `from`; null when this node's own API asks
};

using responder_actor = caf::typed_actor<caf::replies_to<serve_peer>::with<result<peer_reply>>>;

// -- messages to the directory ------------------------------------------------------------------------------

/// A handle to a room of this node, and the epoch of its owner.
struct room_location {
  room_actor room;
  std::uint64_t epoch = 0;
};

/// Finds a room wherever it is; has it opened when it does not exist. Fails with `conference_unavailable`
/// when no owner could be found within 5 s.
struct locate_room {
  room_key key;
};

/// Finds a room of this node; fails with `not_found`, or with `moved` when another node owns it.
struct find_room {
  room_key key;
};

/// Where a room lives now; fails with `not_found`, or `moving` while it has no owner.
struct find_owner {
  room_key key;
};

/// Every room of one customer, on all nodes, as this node knows them.
struct list_rooms {
  customer_id customer;
};

/// A listing: the keys and their owners.
struct listed_rooms {
  std::vector<std::pair<room_key, room_place>> rooms;
};

/// Makes a leg for a call of this node on the node of a room (opened if need be), or here without a room.
struct place_leg {
  leg_of_call leg;
  std::optional<room_key> room;
};

/// A leg's handle, real or standing for a leg elsewhere, and the node that it lives on.
struct leg_location {
  leg_actor leg;
  node_name node;
};

/// Makes a leg of this node for a call of a peer; the owner stands for the call.
struct start_leg {
  leg_of_call leg;
};

/// Finds a leg of this node that belongs to a call of a peer; fails with `not_found`.
struct find_leg {
  leg_name leg;
};

/// Asks a node by its name, this one included; `unavailable` when it is not reachable.
struct ask_node {
  node_name node;
  peer_request what;
};

/// One member as this node sees it.
struct member_view {
  peer_identity identity;
  member_status status;
  bool self = false;
};

/// Asks for the members.
struct describe_members {};

/// The members that are reachable now, this node first.
struct described_members {
  std::vector<member_view> members;
};

/// From the links' thread, in order: see edge/peer_network.hpp.
struct link_came_up {
  peer_identity peer;
  member_status status;
};
struct status_came {
  node_name peer;
  member_status status;
  mono_time asked_at{};
};
struct link_went_down {
  node_name peer;
  link_end reason = link_end::closed;
};
struct peer_request_came {
  node_name peer;
  peer_request what;
  std::function<void(result<peer_reply>)> answer;
};

/// The directory's own timer, 100 ms.
struct directory_tick {};

/// Takes nothing new and moves this node's rooms away, or stops doing so. Answered at once.
struct set_draining {
  bool drain = true;
};

/// How far the draining is.
struct drain_progress {
  bool draining = false;
  std::size_t rooms_left = 0;
  std::size_t calls_left = 0;
};

/// Asks for it.
struct describe_drain {};

using directory_actor =
    caf::typed_actor<caf::replies_to<locate_room>::with<result<room_place>>,
                     caf::replies_to<find_room>::with<result<room_location>>,
                     caf::replies_to<find_owner>::with<result<room_place>>,
                     caf::replies_to<list_rooms>::with<listed_rooms>, caf::reacts_to<room_emptied>,
                     caf::reacts_to<room_counted>, caf::replies_to<place_leg>::with<result<leg_location>>,
                     caf::replies_to<start_leg>::with<result<leg_location>>,
                     caf::replies_to<find_leg>::with<result<leg_location>>,

                     caf::replies_to<ask_node>::with<result<peer_reply>>,
                     caf::replies_to<describe_members>::with<described_members>, caf::reacts_to<link_came_up>,
                     caf::reacts_to<status_came>, caf::reacts_to<link_went_down>,
                     caf::reacts_to<peer_request_came>, caf::reacts_to<directory_tick>,
                     caf::reacts_to<set_draining>, caf::replies_to<describe_drain>::with<drain_progress>>;

// -- messages to the registry of live calls -----------------------------------------------------------------

/// A new call passed admission and has its actor.
struct register_call {
  call_id call;
  customer_id customer;
  call_actor actor;
};

/// The signalling tells something of a live call: passed on to it, in order.
struct call_signalled {
  call_id call;
  signalling_event what;
};

/// Finds a live call of this node; fails with `not_found`.
struct find_call {
  call_id call;
};

/// A call's handle.
struct call_location {
  call_actor call;
  customer_id customer;
};

/// The live calls of one customer on this node.
struct list_calls {
  customer_id customer;
};

/// Their handles.
struct listed_calls {
  std::vector<call_location> calls;
};

/// Every running call ends; answered when the last one is gone or the deadline passed. The signalling takes
/// no new calls by then.
struct drain {
  std::chrono::milliseconds deadline{5000};
};

/// The node has no call any more, or the deadline passed.
struct drained {
  std::size_t calls_left = 0;
};

/// The drain's deadline.
struct drain_timeout {};

using registry_actor = caf::typed_actor<caf::reacts_to<register_call>, caf::reacts_to<call_signalled>,
                                        caf::replies_to<find_call>::with<result<call_location>>,
                                        caf::replies_to<list_calls>::with<listed_calls>,
                                        caf::replies_to<drain>::with<drained>, caf::reacts_to<drain_timeout>>;

} // namespace plenary

// All of these stay inside one process; what crosses nodes stands in schema/peer.hpp.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::ask_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::peer_answered)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::link_lost)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::serve_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::locate_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_room)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_owner)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::list_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::listed_rooms)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_emptied)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::room_counted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::place_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::start_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_leg)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::register_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::call_signalled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::find_call)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::list_calls)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::listed_calls)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::ask_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::described_members)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::link_came_up)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::status_came)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::link_went_down)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::peer_request_came)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::directory_tick)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::set_draining)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drain_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::describe_drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drain)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::drain_timeout)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::leg_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::call_location>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::peer_reply>)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::result<plenary::room_place>)
