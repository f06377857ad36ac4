#pragma once

#include "actors/call/call_actor.hpp"
#include "tests/actors/call_edges.hpp"
#include "tests/actors/node_world.hpp"

namespace plenary::test {

constexpr const char* pcmu_description = "v=0\r\n"
                                         "o=- 1 1 IN IP4 127.0.0.9\r\n"
                                         "s=-\r\n"
                                         "c=IN IP4 127.0.0.9\r\n"
                                         "t=0 0\r\n"
                                         "m=audio 4000 RTP/AVP 0\r\n";

/// Hears of events and does nothing.
inline webhook_pool_actor::behavior_type deaf_webhooks(webhook_pool_actor::pointer) {
  return {[](const outbox_grew&) {}, [](const stop_webhooks&) { return webhooks_stopped{}; }};
}

/// Two nodes of a cluster and one call whose signalling is on `a`. Media of `a` is at port 10000, of `b` at
/// port 20000.
class two_nodes : public testing::Test {
protected:
  two_nodes() {
    a.media.set_local({4, {127, 0, 0, 1}, 10000});
    b.media.set_local({4, {127, 0, 0, 2}, 20000});
    for (auto* node : {&a, &b}) {
      node->edges.sip = &sip;
      node->edges.http = &customer;
      node->edges.store = &store;
    }
    connect();
    webhooks = world.system().spawn(deaf_webhooks);
    app->id = application_id{"app"};
    app->customer = customer_id{"c"};
    app->answer_url = "http://customer/answer";
  }

  ~two_nodes() override {
    if (call_handle)
      caf::anon_send_exit(call_handle, caf::exit_reason::kill);
    caf::anon_send_exit(webhooks, caf::exit_reason::kill);
    call_handle = nullptr;
    world.settle();
    a.stop();
    b.stop();
    world.settle();
  }

  void connect() {
    a.connect(world, b);
    b.connect(world, a);
  }

  /// Both sides notice that the other one is gone.
  void part() {
    a.disconnect();
    b.disconnect();
    world.settle();
  }

  void room_is_at(const room_key& key, const test_node& node, std::uint64_t epoch) {
    rooms.places[key] = {node.edges.node, epoch};
  }

  /// Takes a call whose customer sends it into these rooms, one after the other.
  void start(const std::vector<std::string>& names, std::optional<std::string> offer = pcmu_description,
             const std::string& options = "") {
    std::string actions;
    for (const auto& name : names)
      actions += fmt::format("{}{{\"conference\":{{\"room\":\"{}\"{}}}}}", actions.empty() ? "" : ",", name,
                             options);
    customer.body = fmt::format("{{\"actions\":[{}]}}", actions);
    incoming_invite invite;
    invite.id = id;
    invite.customer = app->customer;
    invite.application = app->id;
    invite.offer = std::move(offer);
    call_handle = caf::actor_cast<call_actor>(
        world.system().spawn(call, call_settings{std::move(invite), app, a.directory, webhooks}, &a.edges));
    caf::anon_send(a.calls, register_call{id, app->customer, call_handle});
    world.settle();
  }

  /// A call that is answered and talks in `daily`.
  void talk(const std::vector<std::string>& names = {"daily"}, const std::string& options = "") {
    start(names, pcmu_description, options);
    signal(call_confirmed{});
    sip.orders.clear();
  }

  void signal(signalling_event event) {
    caf::anon_send(call_handle, signalled{std::move(event)});
    world.settle();
  }

  /// The caller takes our re-INVITE.
  void answer() { signal(offer_answered{std::string{pcmu_description}}); }

  std::vector<participant_snapshot> callers_at(const test_node& node, const room_key& key) {
    auto found = node.rooms.find(key);
    if (found == node.rooms.end())
      return {};
    return world.ask<room_snapshot>(found->second.room, describe_room{}).participants;
  }

  result<peer_reply> ask(test_node& node, node_request what) {
    return world.ask<result<peer_reply>>(node.responder_handle,
                                         serve_peer{node_name{"api"}, std::move(what), link_actor{}});
  }

  /// The end of the call as it was stored.
  const call_record& record() { return store.records.at(id); }

  const room_key daily{customer_id{"c"}, "daily"};
  const room_key weekly{customer_id{"c"}, "weekly"};
  const call_id id{"call_20260529T120000.000000001_a"};
  actor_world world;
  room_map rooms;
  written_signalling sip;
  one_document customer;
  record_keeper store;
  test_node a{world, "node-a", rooms};
  test_node b{world, "node-b", rooms};
  std::shared_ptr<application> app = std::make_shared<application>();
  webhook_pool_actor webhooks;
  call_actor call_handle;
};

} // namespace plenary::test
