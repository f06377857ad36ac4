#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/protocol.hpp"
#include "node/http/api_backend.hpp"

#include <atomic>

namespace plenary {

/// Answers the API from the directory's live actors, and from the store for calls that have ended.
class directory_backend final : public api_backend {
public:
  directory_backend(caf::actor_system& system, event_store& store);

  /// From now on questions are answered; before, they fail with `unavailable`.
  void open(directory_actor directory);
  /// The node takes no new calls any more; stands in readiness.
  void drain() { draining_ = true; }
  /// Lets go of the directory, so that the actor system can end.
  void close();

  void find_call(customer_id customer, call_id id, callback<std::optional<call_record>> done) override;
  void list_rooms(customer_id customer, callback<std::vector<room_snapshot>> done) override;
  void find_room(room_key key, callback<std::optional<room_snapshot>> done) override;
  readiness ready() override;

private:
  directory_actor directory();

  caf::actor_system& system_;
  event_store& store_;
  std::mutex mutex_;
  directory_actor directory_; ///< null while closed
  std::atomic<bool> draining_{false};
};

} // namespace plenary
