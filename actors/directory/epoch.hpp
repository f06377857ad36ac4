#pragma once

#include "schema/ids.hpp"

#include <cstdint>

/// Epochs of rooms: a number that grows each time a room gets an owner, and that no two nodes ever choose
/// alike, even when they cannot hear each other. 53 bits, so that every JSON reader keeps it exact:
///
///   33 bits  tenths of a second since 2025-01-01 UTC, or one more than the previous epoch has, if that is
///   more 20 bits  of the node's name: node_tag()
///
/// Two nodes of one cluster with the same tag refuse each other.
namespace plenary::epoch {

/// The part of an epoch that says whose it is.
std::uint32_t node_tag(const node_name& node);

/// The next epoch of a room whose latest known one is `known` (0: none).
std::uint64_t next(std::uint64_t known, const node_name& owner, wall_time now);

} // namespace plenary::epoch
