#include "node/config/digest.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

} // namespace

std::uint64_t configuration_digest(const configuration& config) {
  std::vector<std::string> lines;
  for (const auto& each : config.applications) {
    lines.push_back(fmt::format("application {} {} {} {} {}", each.id.value, each.customer.value,
                                each.answer_url, each.fallback_url, each.webhook_url));
    for (const auto& subscription : each.events)
      lines.push_back(fmt::format("event {} {}", each.id.value, subscription.text));
    for (const auto& header : each.headers)
      lines.push_back(fmt::format("header {} {}", each.id.value, header.text));
  }
  std::sort(lines.begin(), lines.end());
  lines.push_back(fmt::format("partition {} room {} {}", static_cast<int>(config.cluster.on_partition),
                              config.room.max_participants, config.room.loudest));
  std::uint64_t digest = fnv_offset;
  for (const auto& line : lines)
    for (const char each : line + '\n')
      digest = (digest ^ static_cast<unsigned char>(each)) * fnv_prime;
  return digest;
}

} // namespace plenary
