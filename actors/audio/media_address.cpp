#include "actors/audio/media_address.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenary::audio {

namespace {

constexpr address_block v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d, int bits) {
  return {{4, {a, b, c, d}, 0}, bits};
}

constexpr address_block v6(std::uint8_t a, std::uint8_t b, int bits) {
  return {{6, {a, b}, 0}, bits};
}

constexpr std::array private_blocks{
    v4(10, 0, 0, 0, 8),     v4(172, 16, 0, 0, 12), v4(192, 168, 0, 0, 16), // RFC 1918
    v4(100, 64, 0, 0, 10),                                                 // RFC 6598
    v4(169, 254, 0, 0, 16),                                                // RFC 3927
    v6(0xfc, 0, 7),                                                        // RFC 4193
    v6(0xfe, 0x80, 10)                                                     // RFC 4291 section 2.5.6
};

/// Where no telephone is: "this network", multicast, reserved and broadcast (RFC 6890).
constexpr std::array unreachable_blocks{v4(0, 0, 0, 0, 8), v4(224, 0, 0, 0, 4), v4(240, 0, 0, 0, 4),
                                        v6(0xff, 0, 8)};

constexpr address_block loopback_v4 = v4(127, 0, 0, 0, 8);
constexpr address_block loopback_v6{{6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 0}, 128};
constexpr address_block mapped_v4{{6, {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 0}, 96};

/// A trunk that takes calls from more than this says nothing of whose an address is.
constexpr int narrowest_open_block = 8;

template <class Blocks>
bool any_contains(const Blocks& blocks, const endpoint& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&address](const address_block& block) { return block.contains(address); });
}

tl::unexpected<error> refused(const endpoint& address, std::string_view why) {
  return fail(errc::not_acceptable,
              fmt::format("SDP names the media address {}, which is {}", to_string(address), why));
}

bool is_own(const endpoint& address, const media_address_rules& rules) {
  if (std::find(rules.own_endpoints.begin(), rules.own_endpoints.end(), address) != rules.own_endpoints.end())
    return true;
  return address.port >= rules.first_own_port && address.port <= rules.last_own_port &&
         rules.first_own_port != 0 && any_contains(rules.own_addresses, address);
}

bool is_of_another_trunk(const endpoint& address, std::string_view trunk, const media_address_rules& rules) {
  return std::any_of(rules.trunks.begin(), rules.trunks.end(), [&](const auto& entry) {
    const auto& blocks = entry.second.signalling;
    return entry.first != trunk && std::any_of(blocks.begin(), blocks.end(), [&](const auto& block) {
             return block.bits >= narrowest_open_block && block.contains(address);
           });
  });
}

} // namespace

bool address_block::contains(const endpoint& address) const {
  if (address.family != base.family)
    return false;
  for (int at = 0, left = bits; left > 0; ++at, left -= 8) {
    const auto index = static_cast<std::size_t>(at);
    const int unused = left >= 8 ? 0 : 8 - left;
    if ((address.address[index] >> unused) != (base.address[index] >> unused))
      return false;
  }
  return true;
}

bool is_same_host(const endpoint& a, const endpoint& b) {
  return a.family != 0 && a.family == b.family && a.address == b.address;
}

bool is_unspecified(const endpoint& address) {
  return address.family != 0 && std::all_of(address.address.begin(), address.address.end(),
                                            [](std::uint8_t byte) { return byte == 0; });
}

endpoint unmapped(const endpoint& where) {
  if (!mapped_v4.contains(where))
    return where;
  endpoint plain{.family = 4, .address = {}, .port = where.port};
  std::copy(where.address.begin() + mapped_v4.bits / 8, where.address.end(), plain.address.begin());
  return plain;
}

bool is_private_address(const endpoint& address) {
  return any_contains(private_blocks, address);
}

bool is_loopback(const endpoint& address) {
  return loopback_v4.contains(address) || loopback_v6.contains(address);
}

result<void> check_media_address(const endpoint& address, std::string_view trunk,
                                 const media_address_rules& rules) {
  if (address.family == 0 || is_unspecified(address))
    return {};
  if (any_contains(unreachable_blocks, address) || mapped_v4.contains(address))
    return refused(address, "no address of one machine");
  auto found = rules.trunks.find(std::string{trunk});
  const auto* own = found == rules.trunks.end() ? nullptr : &found->second;
  const bool from_here =
      own == nullptr || std::any_of(own->signalling.begin(), own->signalling.end(), [&](const auto& block) {
        return is_loopback(block.base) || block.contains(address);
      });
  if (is_loopback(address) && !from_here)
    return refused(address, "this machine's own");
  if (is_own(address, rules))
    return refused(address, "one of this node's own ports");
  // What a trunk's calls come from is never another one's, even when both networks hold it.
  if (!(own != nullptr && any_contains(own->signalling, address)) &&
      is_of_another_trunk(address, trunk, rules))
    return refused(address, "another trunk's");
  if (own != nullptr && !own->media_ips.empty() && !any_contains(own->media_ips, address))
    return refused(address, "outside the trunk's media_ips");
  return {};
}

} // namespace plenary::audio
