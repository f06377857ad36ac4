#include "schema/result.hpp"

#include <cstdio>
#include <cstdlib>

namespace plenary {

std::string_view to_string(errc code) {
  switch (code) {
  case errc::malformed:
    return "malformed";
  case errc::unsupported:
    return "unsupported";
  case errc::unsupported_action:
    return "unsupported_action";
  case errc::not_acceptable:
    return "not_acceptable";
  case errc::not_found:
    return "not_found";
  case errc::limit_reached:
    return "limit_reached";
  case errc::unauthorized:
    return "unauthorized";
  case errc::timeout:
    return "timeout";
  case errc::network:
    return "network";
  case errc::http_status:
    return "http_status";
  case errc::unavailable:
    return "unavailable";
  case errc::conference_unavailable:
    return "conference_unavailable";
  case errc::storage:
    return "storage";
  case errc::internal:
    return "internal";
  case errc::moved:
    return "moved";
  case errc::moving:
    return "moving";
  case errc::stale:
    return "stale";
  }
  return "internal";
}

errc parse_errc(std::string_view name) {
  for (int each = 0; each <= static_cast<int>(errc::stale); ++each)
    if (to_string(static_cast<errc>(each)) == name)
      return static_cast<errc>(each);
  return errc::internal;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "broken invariant: %s at %s:%d\n", expression, file, line);
  std::abort();
}

} // namespace plenary
