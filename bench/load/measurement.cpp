#include "bench/load/measurement.hpp"

#include <algorithm>

namespace plenary::load {

namespace {

constexpr double heard_above_db = -6; // a talker is heard no more than half as loud as it was sent
constexpr double absent_below_db =
    -25; // what is not mixed shows only as coding noise, below -40 dB in practice
constexpr std::size_t foreign_tones = 3;
constexpr std::chrono::milliseconds edge{1000}; // a mark needs this much of the stream after it

void check_tones(const participant& who, const std::vector<participant>& all, const heard_audio& heard,
                 tone_check& check) {
  std::size_t foreign = 0;
  for (const auto& talker : all) {
    if (!talker.talks || (talker.room != who.room && ++foreign > foreign_tones))
      continue;
    const double level = heard.tone_level_db(tone_frequency(talker.number));
    if (talker.room != who.room)
      check.loudest_foreign_db = std::max(check.loudest_foreign_db, level);
    else if (&talker == &who)
      check.loudest_self_db = std::max(check.loudest_self_db, level);
    else
      check.faintest_talker_db = std::min(check.faintest_talker_db, level);
  }
  ++check.callers;
}

void find_marks(const participant& who, const std::vector<participant>& all, const heard_audio& heard,
                const window_record& window, heard_in_window& found) {
  for (const auto& talker : all) {
    if (talker.lane < 0 || talker.room != who.room || &talker == &who)
      continue;
    for (const auto& mark : window.callers[talker.media].marks) {
      if (mark.sent < window.start + edge || mark.sent > window.end - edge)
        continue;
      ++found.marks_expected;
      if (const auto place = heard.find(mark))
        found.marks.push_back(*place);
    }
  }
}

} // namespace

spread spread_of(std::vector<std::chrono::nanoseconds> values) {
  if (values.empty())
    return {};
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values[std::min(values.size() - 1, values.size() * 99 / 100)],
          values.back()};
}

result<heard_in_window> listen(const std::vector<participant>& participants, const window_record& window) {
  heard_in_window found;
  for (const auto& who : participants) {
    if (!who.kept)
      continue;
    const auto heard = heard_audio::decode(window.callers[who.media].kept);
    if (!heard)
      return tl::unexpected(heard.error());
    check_tones(who, participants, *heard, found.tones);
    find_marks(who, participants, *heard, window, found);
  }
  const auto& tones = found.tones;
  found.tones.passed = tones.callers > 0 && tones.faintest_talker_db > heard_above_db &&
                       tones.loudest_self_db < absent_below_db && tones.loudest_foreign_db < absent_below_db;
  return found;
}

cadence_report add_up(const std::vector<participant>& participants, std::size_t talkers,
                      const window_record& window) {
  cadence_report sum;
  for (const auto& who : participants) {
    if (who.talks && talkers == 1)
      continue; // nobody talks to a lone talker: it may be sent DTX
    const auto& one = window.callers[who.media].cadence;
    sum.expected += one.expected;
    sum.received += one.received;
    sum.missing += one.missing;
    sum.late += one.late;
    sum.sequence_gaps += one.sequence_gaps;
  }
  return sum;
}

} // namespace plenary::load
