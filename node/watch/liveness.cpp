#include "node/watch/liveness.hpp"

#include <algorithm>

namespace plenary {

liveness::liveness(std::chrono::milliseconds patience, std::chrono::milliseconds longest_gap)
    : patience_(patience)
    , longest_gap_(longest_gap) {}

std::optional<stuck_thread> liveness::step(time_point now, std::span<const thread_look> looks) {
  const auto gap = std::chrono::floor<std::chrono::milliseconds>(now - last_.value_or(now));
  last_ = now;
  std::optional<stuck_thread> worst;
  for (const auto& seen : looks) {
    auto [place, is_new] = known_.try_emplace(seen.thread);
    auto& before = place->second;
    const bool moved = is_new || seen.beats != before.beats;
    const bool starved = seen.runnable && seen.worked_time == before.worked_time;
    if (moved)
      before.still = {};
    else if (!starved)
      before.still += std::min(gap, longest_gap_);
    before.beats = seen.beats;
    before.worked_time = seen.worked_time;
    if (before.still > patience_ && (!worst || before.still > worst->since))
      worst = stuck_thread{seen.name, seen.thread, before.still};
  }
  return worst;
}

} // namespace plenary
