#include "actors/leg/digit_merger.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace plenary {
namespace {

using namespace std::chrono_literals;

constexpr auto event = digit_source::event;
constexpr auto tone = digit_source::tone;
const mono_time noon{12h};

key_press press(char digit, digit_source source, std::chrono::milliseconds start,
                std::chrono::milliseconds end) {
  return {digit, source, noon + start, noon + end};
}

TEST(DigitMerger, ToldInBothWaysAPressIsNewOnce) {
  for (const auto first : {event, tone}) {
    const auto second = first == event ? tone : event;
    digit_merger merger;

    EXPECT_TRUE(merger.is_new(press('5', first, 0ms, 100ms)));
    EXPECT_FALSE(merger.is_new(press('5', second, 20ms, 120ms)));
  }
}

TEST(DigitMerger, PressesOfOneSourceAreAllNew) {
  for (const auto source : {event, tone}) {
    digit_merger merger;

    for (int i = 0; i < 20; ++i)
      EXPECT_TRUE(merger.is_new(press('1', source, i * 80ms, i * 80ms + 40ms)));
  }
}

TEST(DigitMerger, OtherDigitsAreOtherPresses) {
  digit_merger merger;

  EXPECT_TRUE(merger.is_new(press('1', event, 0ms, 100ms)));
  EXPECT_TRUE(merger.is_new(press('2', tone, 0ms, 100ms)));
}

TEST(DigitMerger, WhatAGatewayLetsPassBeforeItsEventIsTheSamePress) {
  digit_merger merger;

  EXPECT_TRUE(merger.is_new(press('1', tone, 0ms, 40ms)));
  EXPECT_FALSE(merger.is_new(press('1', event, 119ms, 200ms)));
}

TEST(DigitMerger, PressesThatAreFartherApartAreTwo) {
  digit_merger merger;

  EXPECT_TRUE(merger.is_new(press('1', tone, 0ms, 40ms)));
  EXPECT_TRUE(merger.is_new(press('1', event, 120ms, 200ms)));
}

TEST(DigitMerger, AToneWithAHoleInItIsPartOfOneEvent) {
  digit_merger merger;

  EXPECT_TRUE(merger.is_new(press('1', event, 0ms, 400ms)));
  EXPECT_FALSE(merger.is_new(press('1', tone, 10ms, 150ms)));
  EXPECT_FALSE(merger.is_new(press('1', tone, 200ms, 390ms)));
}

TEST(DigitMerger, AFastSecondPressFindsItsOwnPartner) {
  digit_merger merger;
  const key_press all[] = {press('1', event, 0ms, 50ms), press('1', event, 100ms, 150ms),
                           press('1', tone, 20ms, 70ms), press('1', tone, 120ms, 170ms)};

  int told = 0;
  for (const auto& each : all)
    told += merger.is_new(each) ? 1 : 0;

  EXPECT_EQ(told, 2);
}

/// Any number of presses, each sent as event, as tone or as both, each told when it has ended, with skew.
TEST(DigitMerger, HoweverTheWaysMixEachPressIsToldOnce) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::pair<std::chrono::milliseconds, key_press>> reports;
    auto at = 0ms;
    const int presses = 1 + static_cast<int>(random() % 12);
    for (int i = 0; i < presses; ++i) {
      const char digit = "12"[random() % 2];
      const auto length = std::chrono::milliseconds(60 + random() % 300);
      const auto skew = std::chrono::milliseconds(random() % 30);
      const auto ways = 1 + random() % 3;
      const auto tell = [&](digit_source source, std::chrono::milliseconds start) {
        reports.emplace_back(start + length + std::chrono::milliseconds(random() % 40),
                             press(digit, source, start, start + length));
      };
      if ((ways & 1U) != 0)
        tell(event, at);
      if ((ways & 2U) != 0)
        tell(tone, at + skew);
      at += length + 130ms + std::chrono::milliseconds(random() % 300);
    }
    std::sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    digit_merger merger;

    int told = 0;
    for (const auto& [when, each] : reports)
      told += merger.is_new(each) ? 1 : 0;

    EXPECT_EQ(told, presses) << "seed " << seed;
  }
}

} // namespace
} // namespace plenary
