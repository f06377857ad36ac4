#pragma once

#include "tests/attack/clock_watch.hpp"
#include "tests/support/rtp_caller.hpp"

#include <gtest/gtest.h>

namespace plenary::attack {

/// Longest time that a witness may hear nothing.
inline constexpr std::chrono::milliseconds longest_pause{60};

/// Two callers in one room who talk all the time and note every pause in what they hear of each other.
class witnesses {
public:
  /// Callers like this one, who ring the number of `like` from two numbers of their own.
  explicit witnesses(const test::rtp_caller_options& like);

  /// Calls; true when both are in the room and hear each other.
  testing::AssertionResult enter();

  /// Forgets what was before.
  void watch();

  /// True when nobody heard a pause longer than `longest_pause` since `watch`, and they still hear each
  /// other. What the machine took from the callers and from `clock_watch` is subtracted: a pause is the
  /// node's when the tester had time.
  testing::AssertionResult undisturbed();

  /// As above, without a limit to pauses.
  testing::AssertionResult hear_each_other();

  /// Where the node takes the media of each.
  std::vector<test::ip_endpoint> media_addresses() const {
    return {first_.media_address(), second_.media_address()};
  }

  /// The longest pause of each since `watch`, what was lost subtracted.
  std::chrono::milliseconds longest() const;

private:
  std::chrono::milliseconds longest(const test::rtp_caller& listener, const test::rtp_caller& talker) const;

  clock_watch clock_;
  test::rtp_caller first_;
  test::rtp_caller second_;
};

} // namespace plenary::attack
