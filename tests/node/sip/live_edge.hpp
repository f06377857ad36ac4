#pragma once

#include "node/sip/sip_edge.hpp"
#include "raw_client.hpp"
#include "tests/support/fake_edges.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>

namespace plenary::sip_test {

/// Keeps what the edge tells, for one thread that waits for it.
class recording_listener : public signalling_listener {
public:
  void on_invite(incoming_invite invite) override {
    std::lock_guard lock(mutex_);
    invites_.push_back(std::move(invite));
    changed_.notify_all();
  }
  void on_event(const call_id& id, signalling_event event) override {
    std::lock_guard lock(mutex_);
    events_.emplace_back(id, std::move(event));
    changed_.notify_all();
  }

  incoming_invite next_invite() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(5), [&] { return !invites_.empty(); }));
    if (invites_.empty())
      return {};
    auto first = std::move(invites_.front());
    invites_.pop_front();
    return first;
  }

  /// The next event, which has to be a T of this call.
  template <class T>
  T next(const call_id& id) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(5), [&] { return !events_.empty(); }));
    if (events_.empty())
      return make<T>();
    auto [whose, event] = std::move(events_.front());
    events_.pop_front();
    EXPECT_EQ(whose, id);
    auto* wanted = std::get_if<T>(&event);
    EXPECT_NE(wanted, nullptr) << "event number " << event.index();
    return wanted != nullptr ? std::move(*wanted) : make<T>();
  }

  bool quiet() {
    std::lock_guard lock(mutex_);
    return events_.empty() && invites_.empty();
  }

private:
  template <class T>
  static T make() {
    if constexpr (std::is_same_v<T, offer_answered>)
      return T{fail(errc::internal, "no event")};
    else
      return T{};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<incoming_invite> invites_;
  std::deque<std::pair<call_id, signalling_event>> events_;
};

inline sip_settings usual_settings() {
  sip_settings settings;
  settings.node = {"node-a"};
  settings.listen = {{signalling_transport::udp, "127.0.0.1", 0},
                     {signalling_transport::tcp, "127.0.0.1", 0}};
  sip_trunk trunk;
  trunk.name = "carrier";
  trunk.inbound_ips = {"127.0.0.1"};
  trunk.srtp = srtp_policy::required;
  settings.trunks = {trunk};
  settings.dids["+15551230002"] = {{"app_demo"}, {"cust_demo"}};
  return settings;
}

/// The real edge on free ports of 127.0.0.1.
class live_edge : public ::testing::Test {
protected:
  void start(sip_settings settings = usual_settings()) {
    auto started = sip_edge::start(std::move(settings), listener, counters, log);
    ASSERT_TRUE(started) << started.error().message;
    edge = std::move(*started);
  }
  std::uint16_t port(std::size_t index = 0) const { return edge->addresses().at(index).port; }

  /// A call that is answered and acknowledged.
  call_id establish(caller& phone, const std::string& headers = {}) {
    phone.dial(headers);
    const auto id = listener.next_invite().id;
    edge->accept(id, std::string(sdp_answer));
    EXPECT_EQ(phone.expect_final().status(), 200);
    phone.send_ack();
    listener.next<call_confirmed>(id);
    return id;
  }

  recording_listener listener;
  test::counting_telemetry counters;
  test::silent_logger log;
  std::unique_ptr<sip_edge> edge;
};

} // namespace plenary::sip_test
