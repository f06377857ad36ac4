#include "tests/attack/witnesses.hpp"

#include <fmt/format.h>

namespace plenary::attack {

namespace {

using std::chrono::milliseconds;

constexpr double first_tone = 440;
constexpr double second_tone = 1000;

test::rtp_caller_options talker(test::rtp_caller_options options, double tone, const char* number) {
  options.tone_hertz = tone;
  options.from = number;
  return options;
}

} // namespace

witnesses::witnesses(const test::rtp_caller_options& like)
    : first_(talker(like, first_tone, "+15550009001"))
    , second_(talker(like, second_tone, "+15550009002")) {}

testing::AssertionResult witnesses::enter() {
  if (!first_.call() || !second_.call())
    return testing::AssertionFailure() << "a witness was not answered";
  const auto heard = hear_each_other();
  watch();
  return heard;
}

void witnesses::watch() {
  first_.watch_silence();
  second_.watch_silence();
}

testing::AssertionResult witnesses::hear_each_other() {
  if (!first_.wait_for_tone(second_tone))
    return testing::AssertionFailure() << "the first witness does not hear the second";
  if (!second_.wait_for_tone(first_tone))
    return testing::AssertionFailure() << "the second witness does not hear the first";
  return testing::AssertionSuccess();
}

milliseconds witnesses::longest(const test::rtp_caller& listener, const test::rtp_caller& talker) const {
  auto lost = clock_.lost();
  const auto late = talker.late();
  lost.insert(lost.end(), late.begin(), late.end());
  milliseconds longest{0};
  for (const auto& pause : listener.pauses())
    longest = std::max(longest, std::chrono::duration_cast<milliseconds>(pause.to - pause.from) -
                                    covered(pause, lost));
  return longest;
}

milliseconds witnesses::longest() const {
  return std::max(longest(first_, second_), longest(second_, first_));
}

testing::AssertionResult witnesses::undisturbed() {
  const auto pause = longest();
  if (pause > longest_pause)
    return testing::AssertionFailure()
           << fmt::format("the witnesses heard a pause of {} ms ({} and {} ms with what the machine took)",
                          pause.count(), first_.longest_silence().count(), second_.longest_silence().count());
  return hear_each_other();
}

} // namespace plenary::attack
