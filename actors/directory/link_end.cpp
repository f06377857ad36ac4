#include "actors/edge/peer_network.hpp"

namespace plenary {

std::string_view to_string(link_end reason) {
  switch (reason) {
  case link_end::closed:
    return "closed";
  case link_end::silent:
    return "silent";
  case link_end::refused:
    return "refused";
  case link_end::overload:
    return "overload";
  }
  return "closed";
}

} // namespace plenary
