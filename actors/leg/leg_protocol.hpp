#pragma once

// What a leg tells itself, beside what others tell it. See actors/media_protocol.hpp.

#include "actors/leg/sdp_negotiation.hpp"
#include "actors/protocol.hpp"

#include <cstdint>
#include <variant>

namespace plenary {

/// From the work pool: what it found in an offer, made as ours, or found in an answer to it.
struct negotiation_ended {
  using outcome = std::variant<result<sdp::fitting_offer>, result<sdp::session>, result<sdp::negotiated>>;
  std::uint64_t number = 0;
  outcome found;
};

/// The work of that number has taken too long to make a caller wait for it.
struct negotiation_overdue {
  std::uint64_t number = 0;
};

/// A room that was asked on that turn has not answered in time.
struct join_overdue {
  std::uint64_t turn = 0;
};

/// The leg as its own messages see it.
using leg_interface = leg_actor::extend<caf::reacts_to<negotiation_ended>,
                                        caf::reacts_to<negotiation_overdue>, caf::reacts_to<join_overdue>>;

} // namespace plenary

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::negotiation_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::negotiation_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::join_overdue)
