#pragma once

#include "actors/webhook/envelope.hpp"
#include "actors/webhook/webhook_pool_actor.hpp"
#include "node/net/curl_http_client.hpp"
#include "node/store/sqlite_store.hpp"
#include "tests/support/fake_customers.hpp"
#include "tests/support/fake_edges.hpp"
#include "tests/support/http_server.hpp"
#include "tests/support/temporary_directory.hpp"

#include <caf/all.hpp>
#include <caf/scoped_actor.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <optional>

namespace plenary::test {

using namespace std::chrono_literals;

/// An answer with this status.
inline http_reply answer(int status) {
  http_reply reply;
  reply.status = status;
  return reply;
}

/// Never an answer.
inline http_reply no_answer() {
  http_reply reply;
  reply.hang = true;
  return reply;
}

/// A customer's server that keeps what it gets, in order of arrival.
class webhook_receiver {
public:
  /// Decides the answer to the n-th request, counted from 1.
  using answer_to = std::function<http_reply(int number)>;

  explicit webhook_receiver(answer_to answer = [](int) { return test::answer(200); })
      : answer_(std::move(answer))
      , server_([this](const http_message& request) { return take(request); }) {}

  std::string url() const { return server_.url("/webhooks"); }

  /// Waits until `count` requests have come; false after 30 s.
  bool wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, 30s, [&] { return requests_.size() >= count; });
  }

  std::vector<http_message> requests() {
    std::lock_guard lock{mutex_};
    return requests_;
  }

private:
  http_reply take(const http_message& request) {
    std::lock_guard lock{mutex_};
    requests_.push_back(request);
    changed_.notify_all();
    return answer_(static_cast<int>(requests_.size()));
  }

  answer_to answer_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<http_message> requests_;
  http_server server_;
};

/// Where the events of one application go.
struct webhook_endpoint {
  application_id application;
  std::string url;
  std::string secret; ///< empty: requests are unsigned
};

/// A pool on a real actor system, with a real store and a real HTTP client. The clock runs, and can be set
/// forward.
class webhook_fixture : public ::testing::Test {
protected:
  webhook_fixture() {
    edges_.log = &log_;
    edges_.meters = &figures_;
    edges_.http = &client_;
    edges_.wall_clock = [this] {
      return wall_time{std::chrono::system_clock::now()} + std::chrono::seconds{clock_offset_.load()};
    };
    open_store();
  }

  ~webhook_fixture() override { end_actors(); }

  void open_store() {
    store_ =
        std::move(sqlite_store::open((directory_.path() / "plenary.db").string(), figures_, log_).value());
    edges_.store = store_.get();
  }

  /// Applications that are configured from now on, instead of those before.
  void configure(const std::vector<webhook_endpoint>& endpoints) {
    std::vector<application> applications;
    for (const auto& each : endpoints) {
      auto& made = applications.emplace_back();
      made.id = each.application;
      made.webhook_url = each.url;
      made.webhook_secret = each.secret;
    }
    customers_.publish({applications_by_id(applications), nullptr});
  }

  void start_pool(const std::vector<webhook_endpoint>& endpoints) {
    configure(endpoints);
    edges_.customers = &customers_;
    config_.set("scheduler.policy", caf::atom("sharing"));
    config_.set("scheduler.max-threads", std::size_t{2});
    system_.emplace(config_);
    webhook_settings settings;
    settings.workers = 2;
    settings.timeout = 50s; // who never answers does so until the test ends
    settings.poll_interval = 20ms;
    settings.measure_interval = 20ms;
    pool_ = system_->spawn(webhook_pool, settings, &edges_);
  }

  /// Stops the pool and returns how many deliveries were cut off.
  std::size_t stop_pool(std::chrono::milliseconds deadline = 30s) {
    caf::scoped_actor self{*system_};
    std::size_t in_flight = 999;
    self->request(pool_, 60s, stop_webhooks{deadline})
        .receive([&](const webhooks_stopped& stopped) { in_flight = stopped.in_flight; },
                 [&](const caf::error& why) { ADD_FAILURE() << system_->render(why); });
    return in_flight;
  }

  /// Ends the actors as a killed process would, as far as the store can see.
  void end_actors() {
    if (!system_)
      return;
    caf::anon_send_exit(pool_, caf::exit_reason::kill);
    pool_ = nullptr;
    system_.reset();
  }

  /// Commits one call with `count` events.
  void commit_call(const std::string& application, const std::string& call, int count = 1) {
    call_record record;
    record.id = {call};
    record.application = {application};
    commit_batch batch;
    for (int i = 0; i < count; ++i) {
      batch.events.push_back(make_event(record, "call.created", edges_.wall_clock()));
      ++record.last_sequence;
    }
    batch.calls.push_back(record);
    std::promise<result<void>> stored;
    store_->commit(std::move(batch), [&](auto outcome) { stored.set_value(outcome); });
    ASSERT_TRUE(stored.get_future().get().has_value());
    if (pool_)
      caf::anon_send(pool_, outbox_grew{});
  }

  outbox_depth depth() {
    std::promise<outbox_depth> answer;
    store_->depth([&](auto depth) { answer.set_value(depth.value_or(outbox_depth{})); });
    return answer.get_future().get();
  }

  /// Asks the store until the condition holds for its depth; false after 30 s.
  template <class Condition>
  bool depth_becomes(Condition condition) {
    for (auto end = std::chrono::steady_clock::now() + 30s; std::chrono::steady_clock::now() < end;)
      if (condition(depth()))
        return true;
    return false;
  }

  bool outbox_empties() {
    return depth_becomes([](const outbox_depth& depth) { return depth.pending == 0; });
  }

  void advance_clock(std::chrono::seconds step) { clock_offset_ += step.count(); }

  temporary_directory directory_;
  counting_telemetry figures_;
  silent_logger log_;
  std::atomic<std::int64_t> clock_offset_ = 0;
  std::unique_ptr<sqlite_store> store_;
  curl_http_client client_;
  node_edges edges_;
  fake_customers customers_;
  caf::actor_system_config config_;
  std::optional<caf::actor_system> system_;
  webhook_pool_actor pool_;
};

} // namespace plenary::test
