#include "actors/directory/names.hpp"

#include <gtest/gtest.h>

#include <string>

namespace plenary {
namespace {

using book = names<std::string, int, double>;

TEST(Names, FindWhatLives) {
  book calls;

  EXPECT_TRUE(calls.add("a", 1, 0.5));

  ASSERT_NE(calls.find("a"), nullptr);
  EXPECT_EQ(*calls.find("a"), 0.5);
  EXPECT_EQ(calls.find("b"), nullptr);
}

TEST(Names, KeepTheFirstOfTwoWithOneName) {
  book calls;
  calls.add("a", 1, 0.5);

  EXPECT_FALSE(calls.add("a", 2, 0.75));

  EXPECT_EQ(*calls.find("a"), 0.5);
  EXPECT_FALSE(calls.take(2)) << "the second one was never among them";
  EXPECT_NE(calls.find("a"), nullptr);
}

TEST(Names, ForgetWhatHasEndedOnce) {
  book calls;
  calls.add("a", 1, 0.5);
  calls.add("b", 2, 0.75);

  const auto ended = calls.take(1);

  ASSERT_TRUE(ended);
  EXPECT_EQ(ended.key(), "a");
  EXPECT_EQ(ended.mapped(), 0.5);
  EXPECT_EQ(calls.find("a"), nullptr);
  EXPECT_FALSE(calls.take(1));
  EXPECT_EQ(calls.all().size(), 1U);
}

TEST(Names, MayBeTakenAgain) {
  book calls;
  calls.add("a", 1, 0.5);
  (void)calls.take(1);

  EXPECT_TRUE(calls.add("a", 2, 0.75));
  EXPECT_FALSE(calls.take(1));
  EXPECT_EQ(*calls.find("a"), 0.75);
}

} // namespace
} // namespace plenary
