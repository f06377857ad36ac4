#pragma once

#include "actors/edge/log.hpp"
#include "node/watch/heartbeats.hpp"
#include "node/watch/liveness.hpp"
#include "node/watch/service_socket.hpp"
#include "node/watch/service_story.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace plenary {

/// Looks after the threads of a node from a thread of its own, says in the log when one stands still, and
/// tells the service manager, if there is one, how the node is.
class watchdog {
public:
  /// `seen` and `log` outlive it. It looks until it is destroyed, which must be before the threads end.
  /// `longest_end`: what the node takes to leave at most.
  watchdog(const heartbeats& seen, logger& log, std::chrono::seconds longest_end,
           service_environment manager = service_environment::read());
  ~watchdog();

  /// The manager is told at once.
  void enter(service_phase phase);

private:
  void run();
  void look(service_phase phase);
  void tell_log(const std::optional<stuck_thread>& stuck);

  const heartbeats& seen_;
  logger& log_;
  service_socket socket_;
  service_story story_;
  liveness judge_;
  bool was_stuck_ = false;
  std::string unsent_;

  std::mutex mutex_;
  std::condition_variable changed_;
  service_phase phase_ = service_phase::starting;
  bool has_news_ = true;
  bool ends_ = false;
  std::thread thread_; ///< last: it uses all of the above
};

} // namespace plenary
