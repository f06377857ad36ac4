#pragma once

#include "actors/edge/log.hpp"
#include "node/store/postgres_session.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace plenary {

/// Connects on a thread of its own, again and again with longer pauses (0.1 to 2 s), so that names that do
/// not resolve and servers that do not answer never hold up the store.
class postgres_connector {
public:
  using deliver = std::function<void(std::unique_ptr<postgres_session>)>;

  /// `found` is called on the connector's thread with each session that was asked for.
  postgres_connector(postgres_target target, deliver found, logger& log);

  /// Gives up at once, unless a host name is being resolved.
  ~postgres_connector();

  postgres_connector(const postgres_connector&) = delete;
  postgres_connector& operator=(const postgres_connector&) = delete;

  /// Asks for one session; from any thread.
  void want();

private:
  void run();
  bool await_wish();
  void connect_at_last();
  bool pause(std::chrono::milliseconds time);
  bool stopped();

  postgres_target target_;
  deliver found_;
  logger& log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool wanted_ = false;   ///< guarded by `mutex_`
  bool stopping_ = false; ///< guarded by `mutex_`
  std::thread thread_;
};

} // namespace plenary
