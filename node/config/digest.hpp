#pragma once

#include "node/config/configuration.hpp"

#include <cstdint>

namespace plenary {

/// A digest of what must be equal on all nodes of a cluster: applications (ids, customers, URLs,
/// subscriptions; no secrets), what a partition does, and the limits of rooms. Nodes of unequal digests
/// refuse each other.
std::uint64_t configuration_digest(const configuration& config);

} // namespace plenary
