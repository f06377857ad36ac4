#pragma once

#include "node/config/configuration.hpp"
#include "schema/peer.hpp"

#include <cstdint>

namespace plenary {

/// A digest of what must be equal on all nodes of a cluster: what a partition does, and the limits of rooms.
/// Nodes of unequal digests refuse each other. Never 0.
std::uint64_t shared_digest(const configuration& config);

/// What versions before `shared_digest` compare: that, and the applications (ids, customers, URLs,
/// subscriptions). It keeps the form that they know.
std::uint64_t configuration_digest(const configuration& config);

/// Digests of applications and numbers, without secrets, whatever their order; never 0.
customer_digests customer_digests_of(const configuration& config);

} // namespace plenary
