#include "node/link/etcd_discovery.hpp"

#include "node/link/etcd_client.hpp"

#include <algorithm>

namespace plenary {

/// What the thread knows; one method for each step, each of which may find etcd gone.
class etcd_discovery::life {
public:
  explicit life(etcd_discovery& owner)
      : owner_(owner)
      , settings_(owner.settings_)
      , etcd_(settings_.endpoints, owner.stop_) {}

  void run() {
    while (!owner_.stop_) {
      auto done = announce().and_then([this] { return follow(); });
      if (!done)
        lost(done.error());
    }
  }

  /// The calls of `etcd_` have been stopped by now.
  void leave() {
    if (lease_.empty() || is_lost_)
      return;
    const std::atomic<bool> never{false};
    link::etcd_client last{settings_.endpoints, never};
    static_cast<void>(last.revoke(lease_));
  }

private:
  using clock = std::chrono::steady_clock;

  /// Keeps the lease alive, or takes a new one and puts the own address under it.
  result<void> announce() {
    if (!lease_.empty() && clock::now() < next_keep_alive_)
      return {};
    next_keep_alive_ = clock::now() + settings_.keep_alive;
    if (!lease_.empty()) {
      auto kept = etcd_.keep_alive(lease_);
      if (kept || kept.error().code != errc::not_found)
        return kept;
      lease_.clear();
    }
    auto granted = etcd_.grant_lease(settings_.lease);
    if (!granted)
      return tl::unexpected(granted.error());
    auto put = etcd_.put({settings_.prefix + settings_.name.value, settings_.address}, *granted);
    if (put)
      lease_ = *granted;
    return put;
  }

  /// Waits for a change until the next keep-alive is due, and tells the addresses when there is one.
  result<void> follow() {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(next_keep_alive_ - clock::now());
    auto changed = etcd_.wait_for_change(settings_.prefix, std::max(left, std::chrono::milliseconds{1}));
    if (!changed)
      return tl::unexpected(changed.error());
    if (!*changed && !is_lost_)
      return {};
    auto entries = etcd_.range(settings_.prefix);
    if (!entries)
      return tl::unexpected(entries.error());
    found();
    std::vector<std::string> addresses;
    for (const auto& entry : *entries)
      addresses.push_back(entry.value);
    if (std::exchange(told_, addresses) != addresses)
      owner_.on_addresses_(std::move(addresses));
    return {};
  }

  void found() {
    if (std::exchange(is_lost_, false))
      settings_.log->info("etcd_found");
  }

  void lost(const error& why) {
    if (owner_.stop_)
      return;
    if (!std::exchange(is_lost_, true))
      settings_.log->warning("etcd_lost", {{"reason", why.message},
                                           {"hint", "the last known nodes stay; see cluster.endpoints"}});
    owner_.pause();
  }

  etcd_discovery& owner_;
  const etcd_settings& settings_;
  link::etcd_client etcd_;
  std::string lease_;
  clock::time_point next_keep_alive_{};
  std::vector<std::string> told_;
  bool is_lost_ = false;
};

etcd_discovery::etcd_discovery(etcd_settings settings, callback on_addresses)
    : settings_(std::move(settings))
    , on_addresses_(std::move(on_addresses))
    , thread_([this] { run(); }) {
  PLENARY_ASSERT(settings_.log != nullptr);
}

etcd_discovery::~etcd_discovery() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stopping_.notify_all();
  thread_.join();
}

void etcd_discovery::run() {
  life here{*this};
  here.run();
  here.leave();
}

void etcd_discovery::pause() {
  std::unique_lock lock(mutex_);
  stopping_.wait_for(lock, settings_.keep_alive, [this] { return stop_.load(); });
}

} // namespace plenary
