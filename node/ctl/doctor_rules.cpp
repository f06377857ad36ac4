#include "node/config/address.hpp"
#include "node/ctl/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenary {

namespace {

using grade = finding::grade;

constexpr std::chrono::days renewal_time{30};

/// What a node asks the kernel for: see node/net/udp_socket.cpp.
constexpr std::uint64_t wanted_buffer = 8 * 1024 * 1024;

/// Sockets and files that a node has open for a call at most: media, its control packets, and a request of
/// each kind.
constexpr std::uint64_t descriptors_a_call = 4;
constexpr std::uint64_t descriptors_beside = 1000;

/// Loopback, private, shared and link-local (RFC 1122, 1918, 6598, 3927, 4193, 4291).
constexpr std::array inside_networks{"127.0.0.0/8",   "10.0.0.0/8",     "172.16.0.0/12", "192.168.0.0/16",
                                     "100.64.0.0/10", "169.254.0.0/16", "::1",           "fc00::/7",
                                     "fe80::/10"};

bool overlaps_inside(const ip_network& network) {
  return std::any_of(inside_networks.begin(), inside_networks.end(), [&](const char* text) {
    const auto inside = parse_ip_network(text);
    return inside && inside->overlaps(network);
  });
}

bool is_inside(const std::string& address) {
  const auto network = parse_ip_network(address);
  return network && overlaps_inside(*network);
}

bool has_outside_carrier(const configuration& config) {
  for (const auto& trunk : config.trunks)
    for (const auto& network : trunk.inbound_ips)
      if (network.prefix_length > 0 && !overlaps_inside(network))
        return true;
  return false;
}

} // namespace

finding judge_certificate(const std::string& subject, wall_time not_after, wall_time now) {
  const auto left = std::chrono::duration_cast<std::chrono::days>(not_after - now);
  const auto until = to_rfc3339(not_after);
  if (not_after <= now)
    return {grade::fault, subject, fmt::format("ended at {}", until),
            "renew it; a node takes it when the file changes"};
  if (left < renewal_time)
    return {grade::advice, subject, fmt::format("ends in {} days, at {}", left.count(), until),
            "renew it soon"};
  return {grade::fine, subject, fmt::format("is good until {}", until), {}};
}

finding judge_socket_buffer(const std::string& name, std::uint64_t bytes) {
  if (bytes >= wanted_buffer)
    return {grade::fine, name, fmt::format("is {} bytes", bytes), {}};
  return {grade::advice, name,
          fmt::format("is {} bytes: packets of many callers at one time may be lost", bytes),
          fmt::format("sysctl -w {}={}, or give the node CAP_NET_ADMIN", name, wanted_buffer)};
}

finding judge_descriptors(std::uint64_t most, std::int64_t calls) {
  const auto wanted =
      descriptors_beside + descriptors_a_call * static_cast<std::uint64_t>(std::max<std::int64_t>(calls, 0));
  if (most >= wanted)
    return {grade::fine, "open files", fmt::format("{} may be open", most), {}};
  return {grade::advice, "open files",
          fmt::format("{} may be open; sip.max_calls = {} may need {}", most, calls, wanted),
          fmt::format("set LimitNOFILE={} in the unit, or ulimit -n", wanted)};
}

std::vector<finding> guess_nat(const configuration& config) {
  std::vector<finding> found;
  if (!has_outside_carrier(config))
    return found;
  for (const auto& address : config.media.address.texts) {
    const auto family = address.find(':') == std::string::npos ? 4 : 6;
    if (!is_any_address(address) && is_inside(address) && config.media.advertise.of_family(family).empty())
      found.push_back(
          {grade::fault, "media.advertise",
           fmt::format("is empty while media.address is {} and a trunk is outside: callers would send "
                       "their voice to an address that they cannot reach",
                       address),
           "set it to the address that the router gives to this machine outside"});
  }
  const bool all_inside =
      !config.sip.listen.empty() &&
      std::all_of(config.sip.listen.begin(), config.sip.listen.end(), [](const auto& each) {
        return !is_any_address(each.address.host) && is_inside(each.address.host);
      });
  if (all_inside && config.sip.advertise.empty())
    found.push_back(
        {grade::fault, "sip.advertise",
         "is empty while sip.listen names inside addresses alone and a trunk is outside: requests inside "
         "a call, BYE first of all, would not arrive",
         "set it to the address that the router gives to this machine outside"});
  return found;
}

} // namespace plenary
