#pragma once

#include "node/sip/refusal_log.hpp"
#include "schema/token_bucket.hpp"

namespace plenary::sip_layer {

/// The network that an address is counted with: /24 of IPv4, /56 of IPv6.
ip_address counted_network(const ip_address& address);

/// How often those who belong to no trunk are answered: once a second and network after its first five, 50
/// times a second in all. Remembers 4096 networks; all further ones share one budget.
class stranger_budget {
public:
  using time_point = token_bucket::time_point;

  explicit stranger_budget(time_point now);

  bool take(const ip_address& source, time_point now);

private:
  token_buckets<ip_address, ip_hash> by_network_;
  token_bucket all_;
};

/// How many connections there are, and how many of one address.
class connection_count {
public:
  enum class verdict { admitted, address_full, full };

  connection_count(std::size_t most, std::size_t most_of_one)
      : most_(most)
      , most_of_one_(most_of_one) {}

  /// Counts one more when there is room.
  verdict open(const ip_address& peer);
  /// Other limits from now on; who is there stays.
  void bound(std::size_t most, std::size_t most_of_one) {
    most_ = most;
    most_of_one_ = most_of_one;
  }
  /// Of one that was admitted.
  void close(const ip_address& peer);
  std::size_t size() const { return size_; }

private:
  std::size_t most_;
  std::size_t most_of_one_;
  std::size_t size_ = 0;
  std::unordered_map<ip_address, std::size_t, ip_hash> of_address_;
};

} // namespace plenary::sip_layer
