#pragma once

#include "schema/ids.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

/// Where a room or a leg lives: weighted rendezvous hashing, a pure function that gives the same answer on
/// every machine, in whole numbers only.
///
///   h      = mix(fnv1a64(key bytes, one byte 0xFF, node name bytes))
///   fnv1a64: h = 0xcbf29ce484222325; for each byte: h ^= byte, h *= 0x100000001b3
///   mix:     h ^= h >> 33, h *= 0xff51afd7ed558ccd, h ^= h >> 33, h *= 0xc4ceb9fe1a85ec53, h ^= h >> 33
///   cost   = 64 * 2^48 - log2((h | 1)) in 48 fraction bits, rounded down, by repeated squaring of a 64-bit
///   mantissa units  = weight * 1024, rounded to nearest A stands before B when units(A) * cost(B) > units(B)
///   * cost(A); on a tie the smaller name stands first.
///
/// This is the score -weight / ln(u) with u = (h | 1) / 2^64. Vectors: tests/golden/placement.json.
namespace plenary::placement {

/// One live node.
struct member {
  node_name name;
  double weight = 1.0; ///< share of the keys, in steps of 1/1024 up to 1024; 0: takes nothing (draining)

  friend bool operator==(const member&, const member&) = default;
};

/// Callers that each node carries now; a node that is not named carries none.
using load = std::map<node_name, std::uint64_t>;

/// A node with fewer callers than this never spills: below it the bound would only scatter small rooms. A
/// guess.
inline constexpr std::uint64_t free_callers = 20;

/// The preference list of a key, best first; members of weight 0 are left out.
std::vector<node_name> rank(std::string_view key, const std::vector<member>& members);

/// The owner of a key when load does not matter; nothing when no member takes anything.
std::optional<node_name> owner(std::string_view key, const std::vector<member>& members);

/// Where a new room goes: the first of the preference list that stays within 1.25 x its weighted share of all
/// callers, this one included. Nothing when no member takes anything.
std::optional<node_name> place(std::string_view key, const std::vector<member>& members, const load& callers);

} // namespace plenary::placement
