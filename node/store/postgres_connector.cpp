#include "node/store/postgres_connector.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr std::chrono::milliseconds first_pause{100};
constexpr std::chrono::milliseconds longest_pause{2000};
constexpr std::chrono::seconds connect_patience{5};

} // namespace

postgres_connector::postgres_connector(postgres_target target, deliver found, logger& log)
    : target_(std::move(target))
    , found_(std::move(found))
    , log_(log) {
  thread_ = std::thread{[this] { run(); }};
}

postgres_connector::~postgres_connector() {
  {
    std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void postgres_connector::want() {
  {
    std::lock_guard lock{mutex_};
    wanted_ = true;
  }
  changed_.notify_one();
}

void postgres_connector::run() {
  while (await_wish())
    connect_at_last();
}

bool postgres_connector::await_wish() {
  std::unique_lock lock{mutex_};
  changed_.wait(lock, [this] { return stopping_ || wanted_; });
  wanted_ = false;
  return !stopping_;
}

/// The same reason is told once, not every two seconds.
void postgres_connector::connect_at_last() {
  std::string told;
  for (auto wait = first_pause; !stopped(); wait = std::min(wait * 2, longest_pause)) {
    auto session = postgres_session::open(target_, std::chrono::steady_clock::now() + connect_patience,
                                          [this] { return stopped(); });
    if (session)
      return found_(std::move(*session));
    if (session.error().message != told)
      log_.warning("database_unreachable", {{"reason", std::string_view{session.error().message}}});
    told = session.error().message;
    if (!pause(wait))
      return;
  }
}

bool postgres_connector::pause(std::chrono::milliseconds time) {
  std::unique_lock lock{mutex_};
  return !changed_.wait_for(lock, time, [this] { return stopping_; });
}

bool postgres_connector::stopped() {
  std::lock_guard lock{mutex_};
  return stopping_;
}

} // namespace plenary
