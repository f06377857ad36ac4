#include "actors/directory/placement.hpp"

#include "schema/result.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace plenary::placement {

namespace {

__extension__ using wide = unsigned __int128;

constexpr int fraction_bits = 48;
constexpr double units_per_weight = 1024;
constexpr double max_weight = 1024;

std::uint64_t fnv1a64(std::uint64_t hash, std::string_view bytes) {
  for (char byte : bytes) {
    hash ^= static_cast<std::uint8_t>(byte);
    hash *= 0x100000001b3U;
  }
  return hash;
}

std::uint64_t mix(std::uint64_t hash) {
  hash ^= hash >> 33;
  hash *= 0xff51afd7ed558ccdU;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53U;
  return hash ^ (hash >> 33);
}

/// log2 in `fraction_bits` fraction bits, rounded down; exact arithmetic, so that no libm or FMA can differ.
std::uint64_t log2_fixed(std::uint64_t number) {
  const int whole = 63 - std::countl_zero(number);
  std::uint64_t mantissa = number << (63 - whole);
  std::uint64_t log = static_cast<std::uint64_t>(whole);
  for (int i = 0; i < fraction_bits; ++i) {
    const wide square = (static_cast<wide>(mantissa) * mantissa) >> 63;
    const bool carry = (square >> 64) != 0;
    mantissa = static_cast<std::uint64_t>(carry ? square >> 1 : square);
    log = (log << 1) | (carry ? 1U : 0U);
  }
  return log;
}

/// -log2(u): the smaller, the better. At least 1.
std::uint64_t cost(std::uint64_t key_hash, const node_name& name) {
  const std::uint64_t hash = mix(fnv1a64(key_hash, name.value));
  return (std::uint64_t{64} << fraction_bits) - log2_fixed(hash | 1);
}

std::uint64_t units(double weight) {
  if (!(weight > 0))
    return 0;
  return static_cast<std::uint64_t>(std::llround(std::min(weight, max_weight) * units_per_weight));
}

struct candidate {
  const node_name* name;
  std::uint64_t units;
  std::uint64_t cost;
};

bool stands_before(const candidate& a, const candidate& b) {
  const wide left = static_cast<wide>(a.units) * b.cost;
  const wide right = static_cast<wide>(b.units) * a.cost;
  return left != right ? left > right : *a.name < *b.name;
}

std::vector<candidate> candidates(std::string_view key, const std::vector<member>& members) {
  const std::uint64_t key_hash = fnv1a64(fnv1a64(0xcbf29ce484222325U, key), "\xFF");
  std::vector<candidate> found;
  found.reserve(members.size());
  for (const auto& each : members)
    if (auto share = units(each.weight); share > 0)
      found.push_back({&each.name, share, cost(key_hash, each.name)});
  return found;
}

std::uint64_t carried(const load& callers, const node_name& name) {
  auto found = callers.find(name);
  return found == callers.end() ? 0 : found->second;
}

} // namespace

std::vector<node_name> rank(std::string_view key, const std::vector<member>& members) {
  auto found = candidates(key, members);
  std::sort(found.begin(), found.end(), stands_before);
  std::vector<node_name> names;
  names.reserve(found.size());
  for (const auto& each : found)
    names.push_back(*each.name);
  return names;
}

std::optional<node_name> owner(std::string_view key, const std::vector<member>& members) {
  const auto found = candidates(key, members);
  auto best = std::min_element(found.begin(), found.end(), stands_before);
  if (best == found.end())
    return std::nullopt;
  return *best->name;
}

std::optional<node_name> place(std::string_view key, const std::vector<member>& members,
                               const load& callers) {
  auto found = candidates(key, members);
  std::sort(found.begin(), found.end(), stands_before);
  wide total = 1; // the caller that the room is made for
  std::uint64_t all_units = 0;
  for (const auto& each : found) {
    total += carried(callers, *each.name);
    all_units += each.units;
  }
  for (const auto& each : found) {
    const std::uint64_t now = carried(callers, *each.name);
    // now + 1 <= 5/4 * total * units / all_units, without division
    const bool within = static_cast<wide>(now + 1) * 4 * all_units <= total * 5 * each.units;
    if (now < free_callers || within)
      return *each.name;
  }
  // Somebody is always within the bound: the shares add up to 5/4 of all callers.
  PLENARY_ASSERT(found.empty());
  return std::nullopt;
}

} // namespace plenary::placement
