#include "node/config/digest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace plenary {

namespace {

constexpr std::uint64_t fnv_offset = 0xcbf29ce484222325;
constexpr std::uint64_t fnv_prime = 0x100000001b3;

using text_lines = std::vector<std::string>;

std::uint64_t digest_of(const text_lines& lines) {
  std::uint64_t digest = fnv_offset;
  for (const auto& line : lines)
    for (const char each : line + '\n')
      digest = (digest ^ static_cast<unsigned char>(each)) * fnv_prime;
  return digest == 0 ? 1 : digest;
}

text_lines sorted(text_lines lines) {
  std::sort(lines.begin(), lines.end());
  return lines;
}

text_lines application_lines(const configuration& config) {
  text_lines lines;
  for (const auto& each : config.applications) {
    lines.push_back(fmt::format("application {} {} {} {} {}", each.id.value, each.customer.value,
                                each.answer_url, each.fallback_url, each.webhook_url));
    for (const auto& subscription : each.events)
      lines.push_back(fmt::format("event {} {}", each.id.value, subscription.text));
    for (const auto& header : each.headers)
      lines.push_back(fmt::format("header {} {}", each.id.value, header.text));
  }
  return lines;
}

std::string shared_line(const configuration& config) {
  return fmt::format("partition {} room {} {}", static_cast<int>(config.cluster.on_partition),
                     config.room.max_participants, config.room.loudest);
}

} // namespace

std::uint64_t shared_digest(const configuration& config) {
  return digest_of({shared_line(config)});
}

std::uint64_t configuration_digest(const configuration& config) {
  auto lines = sorted(application_lines(config));
  lines.push_back(shared_line(config));
  return digest_of(lines);
}

customer_digests customer_digests_of(const configuration& config) {
  auto applications = application_lines(config);
  for (const auto& each : config.applications)
    applications.push_back(fmt::format("flow {} {} {}", each.id.value, static_cast<int>(each.answer_method),
                                       each.fallback_actions));
  text_lines numbers;
  for (const auto& each : config.dids)
    numbers.push_back(fmt::format("number {} {}", each.number, each.application.value));
  return {digest_of(sorted(std::move(applications))), digest_of(sorted(std::move(numbers)))};
}

} // namespace plenary
