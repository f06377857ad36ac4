#include "actors/room/root.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace plenary::room_root {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

using lines = std::vector<std::string>;

/// An effect as a line, with what belongs to it.
struct line_of {
  std::string operator()(const refuse& each) const {
    return fmt::format("refuse {}", to_string(each.why.code));
  }
  std::string operator()(const take_in& each) const { return fmt::format("take_in {}", each.number); }
  std::string operator()(const tell_joined& each) const { return "tell_joined " + each.call.value; }
  std::string operator()(const tell_recovered&) const { return "tell_recovered"; }
  std::string operator()(const release& each) const {
    return fmt::format("release {} {}{}", each.call.value, static_cast<int>(each.reason),
                       each.told ? "" : " untold");
  }
  std::string operator()(const tell_changed& each) const {
    return fmt::format("tell_changed {} {}", each.call.value, each.what.muted.value());
  }
  std::string operator()(const suppress_noise& each) const {
    return fmt::format("suppress_noise {}", each.on);
  }
  std::string operator()(const count& each) const { return fmt::format("count {}", each.callers); }
  std::string operator()(const relocate_all& each) const { return "relocate_all " + each.to.owner.value; }
  std::string operator()(const start_timer& each) const {
    return fmt::format("start_timer {}", each.after.count());
  }
  std::string operator()(const close& each) const { return each.told ? "close" : "close untold"; }
};

const peer::room_place elsewhere{node_name{"node-b"}, 9};

mono_time at(int seconds) {
  return mono_time{std::chrono::hours{1} + std::chrono::seconds{seconds}};
}

/// A room for three that began at second 0 and is told of everything that it takes in.
class root_of_a_room {
public:
  explicit root_of_a_room(bool recovers = false) {
    state_.with = {3, std::chrono::seconds{10}, recovers};
    hear(opened{at(0)});
  }

  lines hear(const event& what) {
    auto [next, effects] = step(std::move(state_), what);
    state_ = std::move(next);
    lines said;
    for (const auto& each : effects)
      said.push_back(std::visit(line_of{}, each));
    return said;
  }

  lines join(const std::string& call, bool end_on_exit = false) {
    return join(call, participation{.end_on_exit = end_on_exit});
  }
  lines join(const std::string& call, const participation& how) {
    auto said = hear(asks{call_id{call}});
    if (!said.empty() && said.back().starts_with("take_in")) {
      const auto more = hear(entered{call_id{call}, {state_.last_number, how, {}}});
      said.insert(said.end(), more.begin(), more.end());
    }
    return said;
  }

  const state& now() const { return state_; }

private:
  state state_;
};

root_of_a_room room_in(phase wanted) {
  root_of_a_room room;
  if (wanted != phase::waiting)
    room.join("a");
  if (wanted == phase::vacated)
    room.hear(vacate{elsewhere, at(1)});
  if (wanted == phase::closed)
    room.hear(ended{});
  EXPECT_EQ(room.now().now, wanted);
  return room;
}

TEST(RoomRoot, DoesInEachPhaseWhatEachEventAsksFor) {
  using enum phase;
  struct row {
    phase before;
    event what;
    phase after;
    lines said;
  };
  const participation_change deaf{.deaf = true};
  const std::vector<row> rows{
      {waiting, asks{call_id{"b"}}, waiting, {"take_in 1"}},
      {waiting, entered{call_id{"b"}, {}}, open, {"tell_joined b", "count 1"}},
      {waiting, left{call_id{"a"}}, waiting, {}},
      {waiting, changed{call_id{"a"}, deaf}, waiting, {}},
      {waiting, ended{}, closed, {"close"}},
      {waiting, vacate{elsewhere, at(1)}, closed, {"close untold"}},
      {waiting, timeout{at(9)}, waiting, {}},
      {waiting, timeout{at(10)}, closed, {"close"}},
      {open, asks{call_id{"b"}}, open, {"take_in 2"}},
      {open, asks{call_id{"a"}, true}, open, {"refuse conference_unavailable"}},
      {open, asks{call_id{"a"}, false}, open, {"release a 0", "take_in 2"}},
      {open, entered{call_id{"b"}, {}}, open, {"tell_joined b", "count 2"}},
      {open, entered{call_id{"a"}, {}}, open, {}},
      {open, left{call_id{"a"}, leave_reason::kicked}, closed, {"release a 1", "close"}},
      {open, left{call_id{"b"}}, open, {}},
      {open, changed{call_id{"a"}, deaf}, open, {"tell_changed a false"}},
      {open, ended{}, closed, {"release a 2", "close"}},
      {open, vacate{elsewhere, at(1)}, vacated, {"relocate_all node-b", "start_timer 10"}},
      {open, timeout{at(100)}, open, {}},
      {vacated, asks{call_id{"b"}}, vacated, {"refuse moved"}},
      {vacated, left{call_id{"a"}}, closed, {"release a 0 untold", "close untold"}},
      {vacated, changed{call_id{"a"}, deaf}, vacated, {"tell_changed a false"}},
      {vacated, ended{}, closed, {"release a 2 untold", "close untold"}},
      {vacated, vacate{elsewhere, at(5)}, vacated, {"relocate_all node-b"}},
      {vacated, timeout{at(10)}, vacated, {}},
      {vacated, timeout{at(11)}, closed, {"release a 3 untold", "close untold"}},
      {closed, asks{call_id{"b"}}, closed, {}},
      {closed, entered{call_id{"b"}, {}}, closed, {}},
      {closed, left{call_id{"a"}}, closed, {}},
      {closed, ended{}, closed, {}},
      {closed, vacate{elsewhere, at(1)}, closed, {}},
      {closed, timeout{at(100)}, closed, {}},
  };

  for (const auto& [before, what, after, said] : rows) {
    SCOPED_TRACE(testing::Message() << "phase " << static_cast<int>(before) << ", event " << what.index());
    auto room = room_in(before);

    EXPECT_EQ(room.hear(what), said);
    EXPECT_EQ(room.now().now, after);
  }
}

TEST(RoomRoot, LetsInAsManyAsItHoldsAndNoMore) {
  root_of_a_room room;
  room.join("a");
  room.join("b");

  EXPECT_THAT(room.join("c"), ElementsAre("take_in 3", "tell_joined c", "count 3"));
  EXPECT_THAT(room.join("d"), ElementsAre("refuse limit_reached"));
  EXPECT_THAT(room.hear(asks{call_id{"b"}}), ElementsAre("release b 0", "take_in 4"));
}

TEST(RoomRoot, GivesEachCallerANumberThatNobodyHadBefore) {
  root_of_a_room room;
  room.join("a");
  room.join("b");
  room.hear(left{call_id{"a"}});
  room.join("c");

  EXPECT_EQ(room.now().members.find(call_id{"b"})->number, 2U);
  EXPECT_EQ(room.now().members.find(call_id{"c"})->number, 3U);
}

TEST(RoomRoot, EndsForEverybodyWithAParticipantWhoEndsItButNotWhereItOnceWas) {
  root_of_a_room room;
  room.join("host", true);
  room.join("guest");
  auto moved = room;
  moved.hear(vacate{elsewhere, at(1)});

  EXPECT_THAT(room.hear(left{call_id{"host"}}), ElementsAre("release host 0", "release guest 2", "close"));
  EXPECT_THAT(moved.hear(left{call_id{"host"}}), ElementsAre("release host 0 untold", "count 1"));
}

TEST(RoomRoot, TellsThatItIsBackWithTheFirstCallerAfterALoss) {
  root_of_a_room room{true};

  EXPECT_THAT(room.join("a"), ElementsAre("take_in 1", "tell_joined a", "tell_recovered", "count 1"));
  EXPECT_THAT(room.join("b"), ElementsAre("take_in 2", "tell_joined b", "count 2"));
}

TEST(RoomRoot, TellsTheMuteWithEveryChange) {
  root_of_a_room room;
  room.join("a");

  room.hear(changed{call_id{"a"}, {.muted = true}});

  EXPECT_THAT(room.hear(changed{call_id{"a"}, {.label = "x"}}), ElementsAre("tell_changed a true"));
}

/// Random orders: whom it lets in it lets go once, what it counts is who is in, and after its end it is
/// silent.
TEST(RoomRoot, LetsEverybodyGoOnceWhateverHappens) {
  const std::uint64_t first = std::random_device{}();
  for (std::uint64_t seed = first; seed < first + 300; ++seed) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937_64 random{seed};
    root_of_a_room room;
    std::set<std::string> inside;
    bool over = false;
    const auto take = [&](const lines& said) {
      EXPECT_TRUE(!over || said.empty());
      for (const auto& each : said) {
        if (each.starts_with("tell_joined ")) {
          EXPECT_TRUE(inside.insert(each.substr(12)).second) << each;
        } else if (each.starts_with("release ")) {
          EXPECT_EQ(inside.erase(each.substr(8, 1)), 1U) << each;
        } else if (each.starts_with("count ")) {
          EXPECT_EQ(each, fmt::format("count {}", inside.size()));
        }
        if (each.starts_with("close")) {
          EXPECT_THAT(inside, IsEmpty());
          over = true;
        }
      }
    };
    for (int i = 0; i < 60 && !testing::Test::HasFailure(); ++i) {
      const std::string call{static_cast<char>('a' + random() % 5)};
      switch (random() % 12) {
      case 0:
        take(room.hear(timeout{at(static_cast<int>(random() % 30))}));
        break;
      case 1:
        take(random() % 6 == 0 ? room.hear(vacate{elsewhere, at(static_cast<int>(random() % 20))}) : lines{});
        break;
      case 2:
        take(random() % 10 == 0 ? room.hear(ended{}) : lines{});
        break;
      case 3:
      case 4:
      case 5:
        take(room.hear(left{call_id{call}, leave_reason::kicked}));
        break;
      default:
        take(room.join(call, random() % 5 == 0));
      }
    }
    take(room.hear(ended{}));
    EXPECT_TRUE(over);
  }
}

TEST(RoomRoot, TakesTheFirstWordAboutNoiseAndTellsItToEveryCall) {
  root_of_a_room room;

  EXPECT_THAT(room.join("a"), ElementsAre("take_in 1", "tell_joined a", "count 1"));
  EXPECT_THAT(
      room.join("b", participation{.noise_suppression = true}),
      ElementsAre("take_in 2", "tell_joined b", "count 2", "suppress_noise true", "tell_changed a false"));
  EXPECT_THAT(room.join("c", participation{.muted = true, .noise_suppression = false}),
              ElementsAre("take_in 3", "tell_joined c", "count 3", "tell_changed c true"));
}

} // namespace
} // namespace plenary::room_root
