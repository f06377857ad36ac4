#include "actors/room/roster.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

participant someone(bool end_on_exit = false) {
  return {.number = 1, .how = {.end_on_exit = end_on_exit}, .joined_at = {}};
}

TEST(Roster, RefusesTheSameCallTwice) {
  roster room;

  EXPECT_TRUE(room.add(call_id{"a"}, someone()));
  EXPECT_FALSE(room.add(call_id{"a"}, someone()));
  EXPECT_EQ(room.size(), 1U);
}

TEST(Roster, GoesOnWhenAnOrdinaryParticipantLeaves) {
  roster room;
  room.add(call_id{"a"}, someone());
  room.add(call_id{"b"}, someone());

  auto what = room.remove(call_id{"a"});

  EXPECT_TRUE(what.left);
  EXPECT_FALSE(what.ends_room);
  EXPECT_EQ(room.size(), 1U);
}

TEST(Roster, EndsWhenAParticipantWithEndOnExitLeaves) {
  roster room;
  room.add(call_id{"host"}, someone(true));
  room.add(call_id{"guest"}, someone());

  auto what = room.remove(call_id{"host"});

  EXPECT_TRUE(what.ends_room);
  EXPECT_EQ(room.calls(), std::vector<call_id>{call_id{"guest"}});
}

TEST(Roster, IsEmptyAfterTheLastOneLeft) {
  roster room;
  room.add(call_id{"a"}, someone(true));

  auto what = room.remove(call_id{"a"});

  EXPECT_FALSE(what.ends_room) << "there is nobody to leave with it";
  EXPECT_EQ(room.size(), 0U);
}

TEST(Roster, ChangesNothingForAStranger) {
  roster room;
  room.add(call_id{"a"}, someone());

  auto what = room.remove(call_id{"b"});

  EXPECT_FALSE(what.left);
  EXPECT_EQ(room.size(), 1U);
}

TEST(Roster, TakesTheFirstWordAboutNoiseAndNamesWhoDoesNotSayIt) {
  using ids = std::vector<call_id>;
  roster room{true};
  const auto join = [&](const std::string& name, std::optional<bool> said) {
    room.add(call_id{name}, {.number = 0, .how = {.noise_suppression = said}, .joined_at = {}});
    return room.settle_noise_suppression(call_id{name});
  };

  EXPECT_TRUE(room.suppresses_noise()) << "as the node has it";
  EXPECT_EQ(join("a", std::nullopt), ids{});
  EXPECT_EQ(join("b", false), ids{call_id{"a"}});
  EXPECT_FALSE(room.suppresses_noise());
  EXPECT_EQ(join("c", true), ids{call_id{"c"}});
  EXPECT_EQ(join("d", std::nullopt), ids{call_id{"d"}});
  EXPECT_EQ(join("e", false), ids{});
  EXPECT_EQ(room.settle_noise_suppression(call_id{"nobody"}), ids{});
  EXPECT_FALSE(room.suppresses_noise());
}

} // namespace
} // namespace plenary
