#pragma once

#include "schema/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// How many requests of one purpose may be on their way.
struct lane_limits {
  std::size_t per_host = 256;     ///< of one customer to one host and port
  std::size_t per_customer = 512; ///< to all hosts
  std::size_t total = 1024;       ///< of all customers
  std::size_t waiting = 4096;     ///< of one customer, beside those on their way; more are refused
};

/// Whose request it is, and where it goes to.
struct lane_place {
  std::string customer;
  std::string host;

  friend bool operator==(const lane_place&, const lane_place&) = default;
};

/// Who may send next: each customer has a lane of its own, and in it a queue for each host, so that a host
/// that does not answer holds up nothing but requests to itself, and a customer nothing but its own. When all
/// places are taken, a free one goes to the customer that has the fewest.
class request_lanes {
public:
  using ticket = std::uint64_t;

  explicit request_lanes(lane_limits limits)
      : limits_(limits) {}

  /// Takes its place in the queue until `give_up_at`; false when too many of this customer wait already.
  bool wait(ticket number, const lane_place& place, mono_time give_up_at);

  /// The request that may leave now, which occupies a place from then on; nothing when none may.
  std::optional<ticket> leave();

  /// A request that had left has ended.
  void end(const lane_place& place);

  /// Takes those out of the queues whose time is over.
  std::vector<ticket> give_up(mono_time now);

  /// When give_up() has something to do next; nothing while nobody waits.
  std::optional<mono_time> next_deadline() const;

  std::size_t waiting() const { return waiting_; }
  std::size_t on_their_way() const { return on_their_way_; }

private:
  struct waiting_request {
    ticket number;
    mono_time give_up_at;
  };
  struct host_queue {
    std::deque<waiting_request> requests;
    std::size_t on_their_way = 0;
  };
  struct lane {
    std::map<std::string, host_queue> hosts;
    std::size_t waiting = 0;
    std::size_t on_their_way = 0;
  };

  host_queue* ready_host(lane& of);
  void forget_idle(const lane_place& place);

  lane_limits limits_;
  std::map<std::string, lane> lanes_; ///< of customers that wait or have requests on their way
  std::size_t waiting_ = 0;
  std::size_t on_their_way_ = 0;
};

} // namespace plenary
