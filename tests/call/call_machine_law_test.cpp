#include "tests/call/call_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>
#include <utility>

namespace plenary::call_machine {
namespace {

const error some_error{errc::conference_unavailable, "full"};

event random_event(std::mt19937& random, const state& now) {
  static const std::string documents[] = {
      R"({"actions":[{"conference":{"room":"a"}},{"conference":{"room":"b"}}]})",
      R"({"actions":[{"redirect":{"url":"http://c/r","max_redirects":1}}]})", R"({"actions":[]})", "junk"};
  switch (random() % 18) {
  case 0:
    return incoming{};
  case 1:
  case 2:
  case 3:
    return committed{};
  case 4:
    return random() % 4 == 0 ? event{committed{fail(errc::storage, "full")}} : event{committed{}};
  case 5:
  case 6:
    return document_fetched{{now.flow.fetch_number, flow::http_answer{200, documents[random() % 4]}}};
  case 7:
    return document_fetched{{static_cast<std::uint32_t>(random() % 5), fail(errc::network, "refused")}};
  case 8:
    return leg_opened{opened_leg{"sdp", random() % 3 == 0}};
  case 9:
    return random() % 4 == 0 ? leg_opened{fail(errc::limit_reached, "no port")}
                             : leg_opened{opened_leg{"sdp", false}};
  case 10:
    return random() % 2 ? confirmed{} : confirmed{"answer"};
  case 11:
    return leg_completed{};
  case 12:
    return room_joined{room_a};
  case 13:
    return random() % 3 ? event{left_room{}} : event{left_room{some_error}};
  case 14:
    return random() % 3 ? event{room_joined{room_a}} : event{join_failed{some_error}};
  case 15:
    return random() % 4 ? event{confirmed{}} : event{cancelled{}};
  case 16:
    return random() % 4 ? event{committed{}} : event{remote_hangup{{16, "normal_clearing"}}};
  default:
    if (random() % 4 != 0)
      return incoming{};
    return std::array<event, 4>{media_timeout{}, node_draining{}, hangup_requested{},
                                restarted{}}[random() % 4];
  }
}

/// Checks the effects of one call, in order, against what must never happen.
class judge {
public:
  void operator()(const commit& what) {
    alive();
    EXPECT_FALSE(committing) << "two commits at once";
    committing = true;
    const auto& told = what.events.at(0);
    EXPECT_EQ(told.name == "call.created", names.empty() && what.record.status == call_status::ringing);
    EXPECT_EQ(told.sequence, what.record.last_sequence);
    EXPECT_EQ(is_terminal(what.record.status), what.record.cause.has_value());
    pending = told.name;
  }
  void operator()(const accept&) {
    alive();
    EXPECT_EQ(names, (std::vector<std::string>{"call.created", "call.answered"}))
        << "answered before it was told";
    ++accepted;
  }
  void operator()(const reject&) { EXPECT_EQ(accepted + rejected++ + hung_up, 0); }
  void operator()(const hang_up&) {
    EXPECT_EQ(accepted, 1);
    EXPECT_EQ(rejected + hung_up++, 0);
  }
  void operator()(const place_leg&) {
    alive();
    EXPECT_EQ(placed++, 0) << "a second leg";
  }
  void operator()(const close_leg&) { EXPECT_EQ(closed++, 0); }
  void operator()(const finish&) {
    alive();
    finished = true;
  }
  void operator()(const join&) {
    alive();
    EXPECT_FALSE(in_room) << "joined twice";
    in_room = true;
  }
  void operator()(const leave&) {
    EXPECT_TRUE(in_room);
    in_room = false;
  }
  template <class Other>
  void operator()(const Other&) {
    alive();
  }

  void see(const event& what) {
    if (const auto* stored = std::get_if<committed>(&what); stored && committing) {
      committing = false;
      if (stored->stored)
        names.push_back(pending);
    }
    if (std::holds_alternative<left_room>(what) || std::holds_alternative<join_failed>(what))
      maybe_out = true;
  }

  void alive() const { EXPECT_FALSE(finished) << "effect after finish"; }

  std::vector<std::string> names; ///< events that were stored
  std::string pending;
  bool committing = false, finished = false, in_room = false, maybe_out = false;
  int accepted = 0, rejected = 0, hung_up = 0, placed = 0, closed = 0;
};

int terminal_events(const std::vector<std::string>& names) {
  return static_cast<int>(std::count_if(names.begin(), names.end(), [](const std::string& name) {
    return name == "call.completed" || name == "call.failed" || name == "call.canceled";
  }));
}

void check_end(const player& call, const judge& seen) {
  EXPECT_LE(terminal_events(seen.names), 1);
  if (!seen.names.empty() && seen.names.front() != "call.created") {
    EXPECT_EQ(seen.names, (std::vector<std::string>{"call.failed"})); // restarted
  }
  auto answered = std::find(seen.names.begin(), seen.names.end(), "call.answered");
  auto completed = std::find(seen.names.begin(), seen.names.end(), "call.completed");
  if (completed != seen.names.end()) {
    EXPECT_LT(answered, completed);
  }
  if (!seen.finished)
    return;
  EXPECT_FALSE(call.now.dialog.leg == dialog::leg_phase::open) << "leg left open";
  EXPECT_FALSE(seen.committing);
  EXPECT_EQ(call.now.dialog.now, dialog::phase::over) << "caller left waiting";
  EXPECT_FALSE(seen.in_room) << "left standing in a room";
}

TEST(CallMachine, KeepsItsPromisesUnderRandomEvents) {
  int finished = 0;
  int answered = 0;
  for (unsigned seed = 0; seed < 10'000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random{seed};
    player call;
    judge seen;
    int steps_after_end = 0;
    for (int i = 0; i < 120 && steps_after_end < 10; ++i) {
      steps_after_end += seen.finished ? 1 : 0;
      const auto what = i == 0 && random() % 20 != 0 ? event{incoming{}} : random_event(random, call.now);
      const bool was_joined = call.is_joined();
      const auto first = call.all.size();
      const auto awaited_room = call.awaits_room();

      seen.see(what);
      call.tell(what);

      if (std::exchange(seen.maybe_out, false) && awaited_room &&
          was_joined != std::holds_alternative<join_failed>(what))
        seen.in_room = false;
      for (auto at = first; at < call.all.size(); ++at)
        std::visit(seen, call.all[at]);
    }
    check_end(call, seen);
    finished += seen.finished ? 1 : 0;
    answered += seen.accepted;
  }
  EXPECT_GT(finished, 5'000);
  EXPECT_GT(answered, 500);
}

TEST(CallMachine, AlwaysEndsWhenTheCallerHangsUpAndTheWorldAnswers) {
  for (unsigned seed = 0; seed < 2'000 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    std::mt19937 random{seed};
    player call;
    call.tell(incoming{});
    for (auto i = random() % 40; i > 0; --i)
      call.tell(random_event(random, call.now));

    call.tell(remote_hangup{{16, "normal_clearing"}});
    call.tell(committed{});
    call.tell(leg_opened{opened_leg{"sdp", false}});
    call.tell(committed{});
    call.tell(committed{});

    EXPECT_TRUE(call.now.finished);
  }
}

} // namespace
} // namespace plenary::call_machine
