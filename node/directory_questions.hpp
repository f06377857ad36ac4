#pragma once

#include "actors/protocol.hpp"
#include "node/gate.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace plenary {

/// Whom the API asks on this node.
struct local_actors {
  node_name node;
  directory_actor directory;
  responder_actor responder; ///< carries out what is asked of this node's own calls and rooms
};

/// Asks the directory on behalf of threads that are no actors. Every method returns at once; `done` runs
/// once, on any thread, at the latest after `patience`. Questions fail with `unavailable` while closed.
class directory_questions {
public:
  /// Half of this is below what the HTTP server waits for a reply: a question may be asked once more.
  static constexpr std::chrono::milliseconds patience{2000};

  template <class T>
  using callback = std::function<void(result<T>)>;

  explicit directory_questions(caf::actor_system& system);

  /// From now on questions are asked.
  void open(local_actors actors) { actors_.open(std::move(actors)); }
  /// Lets go of the actors, so that the actor system can end.
  void close() { actors_.close(); }

  /// Asks a node; fails with `moving` when it is not reachable or says nothing in time.
  void ask(const node_name& node, peer_request what, callback<peer_reply> done);

  /// Where a room is; fails with `not_found` or `moving`.
  void find_owner(room_key key, callback<peer::room_place> done);

  /// Every room of a customer.
  void list_rooms(customer_id customer, callback<listed_rooms> done);

  /// The members that are reachable now, this node first.
  void members(callback<std::vector<member_view>> done);

  /// Calls `then` after that time, unless the actor system ends first; at once while closed.
  void later(std::chrono::milliseconds pause, std::function<void()> then);

private:
  template <class Answer, class Message, class Then>
  void put(Message message, Then done);
  template <class Answer, class Actor, class Message, class Then>
  void put_to(const Actor& whom, Message message, Then done);

  caf::actor_system& system_;
  gate<local_actors> actors_;
};

/// Collects the answers to several questions that were asked at once; safe from every thread.
template <class T>
class answer_collection {
public:
  /// `done` gets `whole` when `expected` answers have been added; at once when that is 0.
  answer_collection(T whole, std::size_t expected, std::function<void(T)> done)
      : whole_(std::move(whole))
      , missing_(expected + 1)
      , done_(std::move(done)) {
    add([](T&) {});
  }

  /// `put` changes the whole; for each of the expected answers once.
  template <class Put>
  void add(Put put) {
    std::unique_lock lock(mutex_);
    put(whole_);
    if (--missing_ > 0)
      return;
    lock.unlock();
    done_(std::move(whole_));
  }

private:
  std::mutex mutex_;
  T whole_;
  std::size_t missing_;
  std::function<void(T)> done_;
};

} // namespace plenary
