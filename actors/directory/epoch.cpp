#include "actors/directory/epoch.hpp"

#include <algorithm>

namespace plenary::epoch {

namespace {

constexpr unsigned tag_bits = 20;
constexpr std::uint64_t start = 1735689600; // 2025-01-01T00:00:00Z in Unix seconds
constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

} // namespace

std::uint32_t node_tag(const node_name& node) {
  std::uint64_t hash = fnv_offset;
  for (const char each : node.value)
    hash = (hash ^ static_cast<unsigned char>(each)) * fnv_prime;
  hash ^= hash >> 33U;
  hash *= 0xff51afd7ed558ccd;
  return static_cast<std::uint32_t>(hash >> (64 - tag_bits));
}

std::uint64_t next(std::uint64_t known, const node_name& owner, wall_time now) {
  using tenths = std::chrono::duration<std::int64_t, std::deci>;
  const auto since_1970 = std::chrono::floor<tenths>(now.time_since_epoch()).count();
  const auto clock = since_1970 < static_cast<std::int64_t>(start * 10)
                         ? 0
                         : static_cast<std::uint64_t>(since_1970) - start * 10;
  return std::max(clock, (known >> tag_bits) + 1) << tag_bits | node_tag(owner);
}

} // namespace plenary::epoch
