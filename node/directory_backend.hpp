#pragma once

#include "actors/edge/event_store.hpp"
#include "node/directory_questions.hpp"
#include "node/http/api_backend.hpp"
#include "node/http/node_memory.hpp"

#include <atomic>

namespace plenary {

/// Answers the API from the live actors of all nodes, which it finds through the directory, and from the
/// store for calls whose node is not reachable.
class directory_backend final : public api_backend {
public:
  /// `clustered`: there may be other nodes. A node alone knows that what it does not know does not exist. The
  /// store outlives the actor system.
  directory_backend(caf::actor_system& system, event_store& store, bool clustered = false);

  /// From now on questions are answered; before, they fail with `unavailable`.
  void open(local_actors actors) { questions_->open(std::move(actors)); }
  /// Whether the node takes no new calls; stands in readiness.
  void drain(bool drains = true) { draining_ = drains; }
  /// What the store says of itself; empty while it takes what is committed. Stands in readiness.
  void watch_store(std::function<std::string()> trouble) { store_trouble_ = std::move(trouble); }
  /// Whether rooms may mix now (see mixing_permit): a node that has just stood still knows no other way that
  /// it may have lost its place. Stands in readiness.
  void watch_permit(std::function<bool()> holds) { permit_holds_ = std::move(holds); }
  /// Lets go of the actors, so that the actor system can end.
  void close() { questions_->close(); }

  void find_call(customer_id customer, call_id id, callback<std::optional<call_record>> done) override;
  void list_calls(customer_id customer, page part, callback<call_listing> done) override;
  void hang_up(customer_id customer, call_id id, callback<void> done) override;
  void list_rooms(customer_id customer, page part, callback<room_listing> done) override;
  void find_room(room_key key, callback<std::optional<room_snapshot>> done) override;
  void control_participant(room_key key, call_id call, participant_control what,
                           callback<control_outcome> done) override;
  void end_room(room_key key, callback<control_outcome> done) override;
  void list_nodes(callback<std::vector<node_description>> done) override;
  void set_draining(node_name node, bool drain, callback<void> done) override;
  void ready(std::function<void(readiness)> done) override;

private:
  /// Also held by questions under way, which may end after this object.
  struct remembered {
    std::mutex mutex;
    node_memory nodes;
  };

  const std::shared_ptr<directory_questions> questions_;
  const std::shared_ptr<remembered> memory_;
  event_store& store_;
  const bool clustered_;
  std::atomic<bool> draining_{false};
  std::function<std::string()> store_trouble_;
  std::function<bool()> permit_holds_;
};

} // namespace plenary
