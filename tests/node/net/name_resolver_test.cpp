#include "node/net/name_resolver.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

namespace plenary {
namespace {

using namespace std::chrono_literals;

/// A name server that is silent about some names until the test lets it speak.
class name_server {
public:
  result<host_addresses> answer(const std::string& host) {
    std::unique_lock lock(mutex_);
    ++asked_[host];
    changed_.notify_all();
    if (host.starts_with("silent"))
      changed_.wait(lock, [this] { return speaks_; });
    if (host.starts_with("unknown"))
      return fail(errc::network, "no such name");
    return host_addresses{"192.0.2.1"};
  }

  void speak() {
    const std::lock_guard lock(mutex_);
    speaks_ = true;
    changed_.notify_all();
  }

  int asked(const std::string& host) {
    const std::lock_guard lock(mutex_);
    return asked_[host];
  }

  bool wait_for_questions(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 10s, [&] {
      int all = 0;
      for (const auto& [host, times] : asked_)
        all += times;
      return all >= count;
    });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::string, int> asked_;
  bool speaks_ = false;
};

class NameResolver : public ::testing::Test {
protected:
  resolver_settings settings() {
    resolver_settings made;
    made.look_up = [server = server_](const std::string& host) { return server->answer(host); };
    return made;
  }

  static mono_time soon() { return std::chrono::steady_clock::now() + 10s; }

  static std::future<result<host_addresses>> ask(name_resolver& resolver, const std::string& lane,
                                                 const std::string& host, mono_time until = soon()) {
    auto promise = std::make_shared<std::promise<result<host_addresses>>>();
    resolver.ask(lane, host, until, [promise](auto found) { promise->set_value(std::move(found)); });
    return promise->get_future();
  }

  std::shared_ptr<name_server> server_ = std::make_shared<name_server>();
};

TEST_F(NameResolver, KeepsAnswersForAWhile) {
  name_resolver resolver{settings()};
  EXPECT_FALSE(resolver.known("host.test", soon()));

  EXPECT_EQ(*ask(resolver, "a", "host.test").get(), host_addresses{"192.0.2.1"});

  const auto now = std::chrono::steady_clock::now();
  ASSERT_TRUE(resolver.known("host.test", now));
  EXPECT_FALSE(resolver.known("host.test", now)->stale);
  EXPECT_TRUE(resolver.known("host.test", now + 31s)->stale) << "good until somebody knows better";
  EXPECT_FALSE(resolver.known("host.test", now + 331s));
}

TEST_F(NameResolver, KeepsFailuresOnlyShortly) {
  name_resolver resolver{settings()};

  EXPECT_FALSE(ask(resolver, "a", "unknown.test").get());

  const auto now = std::chrono::steady_clock::now();
  EXPECT_TRUE(resolver.known("unknown.test", now));
  EXPECT_FALSE(resolver.known("unknown.test", now + 2s));
}

TEST_F(NameResolver, KeepsOldAddressesWhenNoServerAnswersButNotWhenTheNameIsGone) {
  const auto how = std::make_shared<std::atomic<errc>>(errc::internal);
  resolver_settings made;
  made.keep = 0s;
  made.look_up = [how](const std::string&) -> result<host_addresses> {
    if (*how == errc::internal)
      return host_addresses{"192.0.2.1"};
    return fail(*how, "none");
  };
  name_resolver resolver{made};
  EXPECT_TRUE(ask(resolver, "a", "host.test").get());

  *how = errc::unavailable;
  EXPECT_FALSE(ask(resolver, "a", "host.test").get());
  EXPECT_TRUE(resolver.known("host.test", std::chrono::steady_clock::now())->answer);

  *how = errc::network;
  EXPECT_FALSE(ask(resolver, "a", "host.test").get());
  EXPECT_FALSE(resolver.known("host.test", std::chrono::steady_clock::now())->answer);
}

TEST_F(NameResolver, LetsNobodyWaitForAnotherCustomersSilentNameServer) {
  auto made = settings();
  made.threads = 4;
  made.per_lane = 2;
  name_resolver resolver{made};
  std::vector<std::future<result<host_addresses>>> silent;
  for (int i = 0; i < 10; ++i)
    silent.push_back(ask(resolver, "a", "silent" + std::to_string(i)));
  ASSERT_TRUE(server_->wait_for_questions(2));

  EXPECT_TRUE(ask(resolver, "b", "host.test").get());

  EXPECT_EQ(server_->asked("silent2"), 0) << "beyond the customer's share";
  server_->speak();
  for (auto& each : silent)
    EXPECT_TRUE(each.get());
}

TEST_F(NameResolver, AsksOnceForWhatManyWantToKnow) {
  name_resolver resolver{settings()};
  std::vector<std::future<result<host_addresses>>> all;
  for (int i = 0; i < 20; ++i)
    all.push_back(ask(resolver, "a", "silent"));
  ASSERT_TRUE(server_->wait_for_questions(1));

  server_->speak();

  for (auto& each : all)
    EXPECT_TRUE(each.get());
  EXPECT_EQ(server_->asked("silent"), 1);
}

TEST_F(NameResolver, DropsQuestionsWhoseTimeIsOver) {
  auto made = settings();
  made.per_lane = 1;
  name_resolver resolver{made};
  auto first = ask(resolver, "a", "silent");
  ASSERT_TRUE(server_->wait_for_questions(1));
  auto late = ask(resolver, "a", "late.test", std::chrono::steady_clock::now());

  server_->speak();

  EXPECT_TRUE(first.get());
  EXPECT_TRUE(ask(resolver, "a", "next.test").get());
  EXPECT_EQ(server_->asked("late.test"), 0);
  EXPECT_THROW(late.get(), std::future_error) << "nobody is left who could answer";
}

TEST_F(NameResolver, IsGoneWithoutWaiting) {
  auto resolver = std::make_unique<name_resolver>(settings());
  auto open = ask(*resolver, "a", "silent");
  ASSERT_TRUE(server_->wait_for_questions(1));

  resolver.reset();

  EXPECT_THROW(open.get(), std::future_error);
  server_->speak();
}

TEST_F(NameResolver, KnowsWhatTheSystemKnows) {
  name_resolver resolver;

  const auto found = ask(resolver, "a", "localhost").get();

  ASSERT_TRUE(found);
  EXPECT_FALSE(found->empty());
  EXPECT_FALSE(ask(resolver, "a", "no-such-host.invalid").get());
}

} // namespace
} // namespace plenary
