#include "schema/peer.hpp"

namespace plenary {

std::string_view to_string(member_phase phase) {
  switch (phase) {
  case member_phase::joining:
    return "joining";
  case member_phase::live:
    return "live";
  case member_phase::draining:
    return "draining";
  case member_phase::held:
    return "held";
  }
  return "joining";
}

std::string_view to_string(open_reason reason) {
  switch (reason) {
  case open_reason::first_join:
    return "first_join";
  case open_reason::owner_lost:
    return "owner_lost";
  case open_reason::owner_drained:
    return "owner_drained";
  case open_reason::merged:
    return "merged";
  }
  return "first_join";
}

} // namespace plenary
