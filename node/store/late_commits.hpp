#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "schema/ids.hpp"

#include <vector>

namespace plenary {

/// Counts and logs records that came after their call had been ended, by another node as a rule.
inline void tell_late_commits(const std::vector<call_id>& late, telemetry& figures, logger& log) {
  if (late.empty())
    return;
  figures.count(counter::late_commits_dropped, late.size());
  for (const auto& call : late)
    log.warning("late_commit_dropped", {{"call", std::string_view{call.value}}});
}

} // namespace plenary
