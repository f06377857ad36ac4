#pragma once

#include "schema/call.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <functional>
#include <optional>
#include <vector>

namespace plenary {

/// Records and the events that tell of them; stored in one transaction or not at all.
struct commit_batch {
  std::vector<call_record> calls;   ///< inserted or replaced by id
  std::vector<outbox_event> events; ///< added to the outbox
};

/// An event that is leased to this node for one delivery attempt.
struct due_event {
  outbox_event event;
  int attempts = 0; ///< attempts that were made before this one
};

/// How one attempt ended.
struct delivery_outcome {
  enum class kind {
    acknowledged, ///< removed from the outbox
    retry,        ///< one attempt more was made; due again at `next_attempt`
    dead_letter,  ///< kept apart; can be listed and replayed
    postponed     ///< no attempt was made; due again at `next_attempt`
  };
  std::string event_id;
  kind what = kind::acknowledged;
  wall_time next_attempt{};
  std::string reason; ///< short text for dead letters and retries, for example `HTTP 500`
};

/// How many events of one application may be leased now.
struct claim_share {
  application_id application;
  std::size_t limit = 0;
};

/// An event that no attempt could deliver.
struct dead_letter {
  outbox_event event;
  int attempts = 0;
  std::string reason; ///< why the last attempt failed
};

/// The calls that ended with a process.
struct lost_calls {
  node_name node;                ///< whose process held them; empty: of every node
  std::uint64_t incarnation = 0; ///< `peer_identity::incarnation` of that process; 0: of any
  wall_time created_before = wall_time::max();
};

/// Makes of an unfinished record its last one, with its terminal event. Runs on the store's thread, perhaps
/// more than once for one record; must be pure.
using call_ender = std::function<commit_batch(const call_record&)>;

/// Figures for the gauges.
struct outbox_depth {
  std::uint64_t pending = 0;
  std::uint64_t dead_letters = 0;
  std::optional<wall_time> oldest;
};

/// The durable store. Every method returns at once; `done` runs once, on the store's thread, and must
/// return at once. Calls are carried out in the order in which they are made.
class event_store {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  virtual ~event_store() = default;

  /// True when the other nodes of the cluster use the same records and the same outbox.
  virtual bool shared() const = 0;

  /// Durable when `done` succeeds (group commit). The first terminal record of a call stays: a later record
  /// of it is dropped together with its events, counted, and `done` succeeds.
  virtual void commit(commit_batch batch, callback<void> done) = 0;

  /// Leases events that are due, of each application at most its share: of each call (of each
  /// `ordering_key`) only its oldest pending event, so that events of one call leave in order. A lease that
  /// is not settled by `now + lease` is due again.
  virtual void claim(std::vector<claim_share> shares, wall_time now, std::chrono::seconds lease,
                     callback<std::vector<due_event>> done) = 0;

  /// Stores how attempts ended.
  virtual void settle(std::vector<delivery_outcome> outcomes, callback<void> done) = 0;

  /// The record of one call, or nothing.
  virtual void find_call(call_id id, callback<std::optional<call_record>> done) = 0;

  /// Ends the unfinished calls of a lost process, each in the transaction that finds it unfinished: of
  /// several nodes that do this at once exactly one ends a call. A shared store waits for what `end_calls`
  /// must wait for: until the database answers, and until that process has written nothing for some seconds;
  /// a process that goes on writing, or whose node was started anew, is not lost and keeps its calls. `done`
  /// gets the calls that were ended here.
  virtual void end_calls(lost_calls which, call_ender end, callback<std::vector<call_id>> done) = 0;

  virtual void depth(callback<outbox_depth> done) = 0;

  /// Up to `limit` dead letters of one application, the latest first.
  virtual void dead_letters(application_id application, std::size_t limit,
                            callback<std::vector<dead_letter>> done) = 0;

  /// Puts a dead letter back into the outbox, due at once with no attempt counted; `not_found` for other ids.
  virtual void replay(std::string event_id, callback<void> done) = 0;

  /// Waits until everything asked so far is durable or answered, except `end_calls`; false when `deadline`
  /// comes first. Never to be called from a callback.
  virtual bool flush(mono_time deadline) = 0;
};

} // namespace plenary
