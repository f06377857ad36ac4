#include "tests/node/link/link_world.hpp"

namespace plenary::test {

namespace {

struct linked_pair {
  /// Two nodes, the first one of which speaks this protocol.
  explicit linked_pair(std::uint32_t protocol = peer_protocol)
      : a([&] {
        auto settings = node_settings("node-a", {b.address()});
        settings.identity.protocol = protocol;
        return settings;
      }()) {
    if (!a.listener.wait_for_link("node-b") || !b.listener.wait_for_link("node-a"))
      throw std::runtime_error("no link");
  }

  /// Asks node-b; gives what its listener saw and what came back.
  std::pair<peer_request, result<peer_reply>> ask(peer_request what, const result<peer_reply>& reply) {
    auto seen = std::make_shared<std::optional<peer_request>>();
    b.listener.answer_with([=](const node_name&, peer_request got, const peer_network::callback& answer) {
      *seen = std::move(got);
      answer(reply);
    });
    auto answer = a.ask("node-b", std::move(what));
    return {seen->value_or(directory_request{peer::drain_node{}}), std::move(answer)};
  }

  linked_node b{node_settings("node-b")};
  linked_node a;
};

/// Those by which orders and reports go.
constexpr std::uint32_t protocols[]{1, 2};

const leg_name leg{{"call_1"}, 4};
const room_key room{{"cust"}, "standup"};

template <class Message>
const Message& as(const std::pair<peer_request, result<peer_reply>>& exchange) {
  EXPECT_TRUE(exchange.second.has_value()) << exchange.second.error().message;
  if constexpr (std::is_constructible_v<node_request, Message>)
    return std::get<Message>(std::get<node_request>(exchange.first));
  else
    return std::get<Message>(std::get<directory_request>(exchange.first));
}

} // namespace

TEST(LinkRequest, MessagesToTheDirectoryArriveWhole) {
  linked_pair pair;
  owned_room owned{room, 7, wall_time{std::chrono::nanoseconds{5}}};

  auto located = pair.ask(peer::locate_room{room}, peer::room_place{{"node-c"}, 8});
  auto opened = pair.ask(peer::open_room{owned, open_reason::owner_lost, 250ms}, peer::done{});
  auto vacated = pair.ask(peer::vacate_room{room, 6, {{"node-a"}, 7}}, peer::done{});

  EXPECT_EQ(as<peer::locate_room>(located).key, room);
  EXPECT_EQ(std::get<peer::room_place>(*located.second).epoch, 8u);
  EXPECT_EQ(as<peer::open_room>(opened).room, owned);
  EXPECT_EQ(as<peer::open_room>(opened).reason, open_reason::owner_lost);
  EXPECT_EQ(as<peer::open_room>(opened).lost_for, 250ms);
  EXPECT_EQ(as<peer::vacate_room>(vacated).epoch, 6u);
  EXPECT_EQ(as<peer::vacate_room>(vacated).to.owner.value, "node-a");
}

class LinkRequestBy : public testing::TestWithParam<std::uint32_t> {};

INSTANTIATE_TEST_SUITE_P(Protocol, LinkRequestBy, testing::ValuesIn(protocols));

TEST_P(LinkRequestBy, EveryOrderToALegArrivesWholeAndItsAnswerComesBack) {
  linked_pair pair{GetParam()};
  sdp_session session{1, 2, "v=0"};
  const std::pair<leg_order, leg_reply> orders[]{
      {order::open{"offer", srtp_policy::required, session, "192.0.2.7", "carrier", true}, session},
      {order::open{std::nullopt, srtp_policy::off}, session},
      {order::renegotiate{"offer"}, session},
      {order::renegotiate{}, session},
      {order::accept_answer{"answer"}, order::done{}},
      {order::confirm{}, order::done{}},
      {order::enter{room, {true, true, "Ann", "+15550001"}, 7}, room_place{{"node-b"}, 7}},
      {order::exit{}, order::done{}},
      {order::close{}, order::done{}}};

  for (const auto& [what, reply] : orders) {
    auto exchange = pair.ask(peer::order_leg{leg, what}, reply);

    EXPECT_EQ(as<peer::order_leg>(exchange).leg, leg);
    EXPECT_EQ(as<peer::order_leg>(exchange).what, what) << what.index();
    EXPECT_EQ(std::get<leg_reply>(*exchange.second), reply) << what.index();
  }
}

TEST_P(LinkRequestBy, EveryReportOfALegArrivesWhole) {
  linked_pair pair{GetParam()};
  const leg_report reports[]{report::left_room{leave_reason::room_ended},
                             report::media_timed_out{},
                             report::digit_pressed{'#'},
                             report::room_moves{{{"node-c"}, 9}},
                             report::participant_changed{{true, false, "Bob"}},
                             report::ended{}};

  for (const auto& what : reports) {
    auto told = pair.ask(leg_told{leg, what}, peer::done{});

    EXPECT_EQ(as<leg_told>(told).leg, leg);
    EXPECT_EQ(as<leg_told>(told).what, what) << what.index();
  }
}

TEST_P(LinkRequestBy, ARefusedOrderComesBackWithItsCode) {
  linked_pair pair{GetParam()};

  auto answer =
      pair.ask(peer::order_leg{leg, order::enter{room}}, fail(errc::moved, "it is on node-c")).second;

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), (error{errc::moved, "it is on node-c"}));
}

TEST(LinkRequest, ACallIsHungUpByItsCustomer) {
  linked_pair pair;

  auto hung_up = pair.ask(peer::hang_up_call{{"cust"}, {"call_1"}}, peer::done{});

  EXPECT_EQ(as<peer::hang_up_call>(hung_up).customer.value, "cust");
  EXPECT_EQ(as<peer::hang_up_call>(hung_up).call.value, "call_1");
}

TEST(LinkRequest, MessagesOfTheApiArriveWhole) {
  linked_pair pair;
  call_record record;
  record.id.value = "call_1";

  auto described = pair.ask(peer::describe_call{{"call_1"}}, std::optional{record});
  auto unknown = pair.ask(peer::describe_call{{"call_2"}}, std::optional<call_record>{});
  auto muted = pair.ask(peer::control_participant{room, 3, {"call_1"}, kick{}}, peer::done{});
  auto ended = pair.ask(peer::end_room{room, 3}, peer::done{});
  auto drained = pair.ask(peer::drain_node{false}, peer::done{});

  EXPECT_EQ(std::get<std::optional<call_record>>(*described.second), record);
  EXPECT_EQ(std::get<std::optional<call_record>>(*unknown.second), std::nullopt);
  EXPECT_TRUE(std::holds_alternative<kick>(as<peer::control_participant>(muted).what));
  EXPECT_EQ(as<peer::control_participant>(muted).epoch, 3u);
  EXPECT_EQ(as<peer::end_room>(ended).key, room);
  EXPECT_FALSE(as<peer::drain_node>(drained).drain);
}

TEST(LinkRequest, ErrorsOfThePeerComeBackWithCodeAndText) {
  linked_pair pair;

  auto answer = pair.ask(peer::end_room{room, 3}, fail(errc::stale, "the room's epoch is 4")).second;

  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error(), (error{errc::stale, "the room's epoch is 4"}));
}

TEST(LinkRequest, LongListsOfRoomsArriveAsOneMessageInOrder) {
  linked_pair pair;
  peer::rooms_changed what;
  what.all = true;
  for (int i = 0; i < 5000; ++i)
    what.opened.push_back({{{"customer"}, fmt::format("room-{}", i)}, static_cast<std::uint64_t>(i), {}});
  for (int i = 0; i < 3000; ++i)
    what.closed.push_back({{{"customer"}, fmt::format("gone-{}", i)}, 1, {}});

  auto exchange = pair.ask(what, peer::done{});

  const auto& seen = as<peer::rooms_changed>(exchange);
  EXPECT_TRUE(seen.all);
  EXPECT_EQ(seen.opened, what.opened);
  EXPECT_EQ(seen.closed, what.closed);
}

TEST(LinkRequest, AnEmptyListOfRoomsArrivesToo) {
  linked_pair pair;

  auto exchange = pair.ask(peer::rooms_changed{true, {}, {}}, peer::done{});

  EXPECT_TRUE(as<peer::rooms_changed>(exchange).all);
}

TEST(LinkRequest, LongListsOfCallsComeBackWhole) {
  linked_pair pair;
  std::vector<call_record> calls(3000);
  for (std::size_t i = 0; i < calls.size(); ++i) {
    calls[i].id.value = fmt::format("call_{}", i);
    calls[i].variables["note"] = std::string(500, 'x');
  }

  auto answer = pair.ask(peer::list_calls{{"cust"}}, calls).second;

  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  EXPECT_EQ(std::get<std::vector<call_record>>(*answer), calls);
}

TEST(LinkRequest, LargeRoomsComeBackWhole) {
  linked_pair pair;
  room_snapshot snapshot{room, {"node-b"}, 5, wall_time{std::chrono::nanoseconds{9}}, {}};
  snapshot.noise_suppression = false;
  for (int i = 0; i < 2000; ++i)
    snapshot.participants.push_back({{fmt::format("call_{}", i)}, {.muted = i % 2 == 0}, false, {}});

  auto answer = pair.ask(peer::describe_room{room}, snapshot).second;

  ASSERT_TRUE(answer.has_value()) << answer.error().message;
  const auto& read = std::get<room_snapshot>(*answer);
  EXPECT_EQ(read.node.value, "node-b");
  EXPECT_EQ(read.epoch, 5u);
  EXPECT_EQ(read.noise_suppression, false);
  ASSERT_EQ(read.participants.size(), 2000u);
  EXPECT_EQ(read.participants[1999].call.value, "call_1999");
  EXPECT_TRUE(read.participants[1998].how.muted);
}

TEST(LinkRequest, AnswersMayComeFromAnyThreadInAnyOrder) {
  linked_pair pair;
  std::mutex mutex;
  std::vector<peer_network::callback> kept;
  std::promise<void> all_here;
  pair.b.listener.answer_with(
      [&](const node_name&, const peer_request&, const peer_network::callback& answer) {
        std::lock_guard lock(mutex);
        kept.push_back(answer);
        if (kept.size() == 50)
          all_here.set_value();
      });
  std::vector<std::future<bool>> answered;
  for (int i = 0; i < 50; ++i) {
    auto promise = std::make_shared<std::promise<bool>>();
    answered.push_back(promise->get_future());
    pair.a.network->ask({"node-b"}, peer::drain_node{}, 10s, [promise](const result<peer_reply>& answer) {
      promise->set_value(answer.has_value());
    });
  }
  all_here.get_future().get();

  std::thread other{[&] {
    for (auto at = kept.rbegin(); at != kept.rend(); ++at)
      (*at)(peer::done{});
  }};

  for (auto& each : answered)
    EXPECT_TRUE(each.get());
  other.join();
  EXPECT_EQ(pair.b.counters[counter::peer_requests_served], 50u);
}

TEST(LinkRequest, RoundTripsAreMeasured) {
  linked_pair pair;
  std::vector<double> micros;
  for (int i = 0; i < 300; ++i) {
    auto start = std::chrono::steady_clock::now();
    ASSERT_TRUE(pair.a.ask("node-b", peer::end_room{room, 1}).has_value());
    micros.push_back(
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
  }
  std::sort(micros.begin(), micros.end());

  RecordProperty("round_trip_p50_us", static_cast<int>(micros[150]));
  RecordProperty("round_trip_p99_us", static_cast<int>(micros[297]));
  EXPECT_LT(micros[15], 30'000)
      << "nothing in it waits for a timer, such as a delayed acknowledgement of 40 ms";
}

} // namespace plenary::test
