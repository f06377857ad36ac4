#pragma once

#include "actors/edge/log.hpp"
#include "schema/ids.hpp"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace plenary {

/// Where and as whom a node announces itself.
struct etcd_settings {
  std::vector<std::string> endpoints; ///< `http://HOST:PORT`, at least one
  std::string prefix{"/plenary/members/"};
  node_name name;
  std::string address;           ///< `HOST:PORT` where the node takes links
  std::chrono::seconds lease{3}; ///< a node that is gone is forgotten after it
  std::chrono::milliseconds keep_alive{1000};
  logger* log = nullptr; ///< must be set, and live as long as the discovery
};

/// Announces a node in etcd under a lease and tells the addresses of all nodes there. While etcd is away the
/// last known addresses stay; it is said once in the log, and tried again every second.
class etcd_discovery {
public:
  /// Called on the discovery's thread with every address, the own one included, whenever they change.
  using callback = std::function<void(std::vector<std::string> addresses)>;

  etcd_discovery(etcd_settings settings, callback on_addresses);

  /// Takes the own address out of etcd, when it answers, and joins the thread.
  ~etcd_discovery();
  etcd_discovery(const etcd_discovery&) = delete;
  etcd_discovery& operator=(const etcd_discovery&) = delete;

private:
  class life;

  void run();
  void pause();

  etcd_settings settings_;
  callback on_addresses_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable stopping_;
  std::thread thread_;
};

} // namespace plenary
