#include "actors/call/hangup_causes.hpp"

#include <algorithm>
#include <array>

namespace plenary {

namespace {

enum class origin { caller, orderly, failure };

struct row {
  std::string_view name;
  int q850; ///< ITU-T Q.850 table 1
  origin from;
  int sip; ///< what an unanswered caller hears; 0: it is gone
};

constexpr std::array<row, 15> table{{
    {"normal_clearing", 16, origin::orderly, 603},
    {"originator_cancel", 16, origin::caller, 0},
    {"kicked", 16, origin::orderly, 603},
    {"call_rejected", 21, origin::orderly, 603},
    {"node_draining", 16, origin::orderly, 503},  // the caller hears an orderly end
    {"media_timeout", 102, origin::orderly, 503}, // the call ran, then the caller went silent
    {"answer_url_failed", 41, origin::failure, 503},
    {"redirect_failed", 41, origin::failure, 503},
    {"conference_unavailable", 41, origin::failure, 503},
    {"storage_failed", 41, origin::failure, 503},
    {"node_restart", 41, origin::failure, 503},
    {"node_lost", 41, origin::failure, 503},
    {"media_unavailable", 47, origin::failure, 503},
    {"not_acceptable", 88, origin::failure, 488},
    {"interworking", 127, origin::failure, 503},
}};

/// The row, or null for a cause that the signalling made.
const row* find(std::string_view name) {
  auto found =
      std::find_if(table.begin(), table.end(), [name](const row& each) { return each.name == name; });
  return found == table.end() ? nullptr : found;
}

} // namespace

hangup_cause cause_named(std::string_view name) {
  const row* found = find(name);
  const row& used = found ? *found : table.back();
  return {used.q850, std::string{used.name}};
}

call_status status_of(const hangup_cause& cause) {
  const row* found = find(cause.name);
  return found && found->from == origin::failure ? call_status::failed : call_status::completed;
}

refusal refusal_of(const hangup_cause& cause) {
  const row* found = find(cause.name);
  switch (found ? found->sip : 503) {
  case 488:
    return {488, "Not Acceptable Here"};
  case 603:
    return {603, "Decline"};
  default:
    return {503, "Service Unavailable"};
  }
}

bool is_refusal(const hangup_cause& cause) {
  const row* found = find(cause.name);
  return found && found->from != origin::caller;
}

} // namespace plenary
