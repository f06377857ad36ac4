#include "node/sip/strangers.hpp"

#include <algorithm>

namespace plenary::sip_layer {

namespace {

constexpr token_rate answers_of_one_network{1, 5};
constexpr token_rate answers_of_all{50, 100};
constexpr std::size_t most_networks = 4096;
constexpr std::size_t counted_v4_bytes = 15; ///< of an IPv4-mapped address: all but the last
constexpr std::size_t counted_v6_bytes = 7;

} // namespace

ip_address counted_network(const ip_address& address) {
  auto network = address;
  const bool v4 = std::all_of(address.begin(), address.begin() + 10, [](auto byte) { return byte == 0; }) &&
                  address[10] == 0xff && address[11] == 0xff;
  std::fill(network.begin() + (v4 ? counted_v4_bytes : counted_v6_bytes), network.end(), std::uint8_t{0});
  return network;
}

stranger_budget::stranger_budget(time_point now)
    : by_network_(answers_of_one_network, most_networks)
    , all_(answers_of_all, now) {}

bool stranger_budget::take(const ip_address& source, time_point now) {
  return all_.has(now) && by_network_.take(counted_network(source), now) && all_.take(now);
}

connection_count::verdict connection_count::open(const ip_address& peer) {
  if (size_ >= most_)
    return verdict::full;
  auto& of_peer = of_address_[peer];
  if (of_peer >= most_of_one_)
    return verdict::address_full;
  ++of_peer;
  ++size_;
  return verdict::admitted;
}

void connection_count::close(const ip_address& peer) {
  const auto found = of_address_.find(peer);
  if (found == of_address_.end())
    return;
  --size_;
  if (--found->second == 0)
    of_address_.erase(found);
}

} // namespace plenary::sip_layer
