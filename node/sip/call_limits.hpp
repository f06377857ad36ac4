#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/sip/ip_network.hpp"
#include "schema/ids.hpp"
#include "schema/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>

namespace plenary {

/// What calls of one trunk, application or address may take.
struct call_bounds {
  std::size_t most_calls = 0;         ///< at one time; 0: no bound
  std::int64_t most_setups_per_s = 0; ///< twice as many at once; 0: no bound

  friend bool operator==(const call_bounds&, const call_bounds&) = default;
};

/// Who may take how much of the node.
struct call_limit_settings {
  std::map<std::string, call_bounds> trunks; ///< by name
  std::map<application_id, call_bounds> applications;
  std::map<customer_id, std::size_t> customer_calls; ///< of all applications of the customer together
  call_bounds address;                               ///< of each source address; IPv6: of each /64
};

namespace sip_layer {

/// Where a new call comes from and whom it is for.
struct call_origin {
  std::string trunk;
  application_id application;
  customer_id customer;
  ip_address source{};
};

/// Why a new call is refused for now.
struct reached_limit {
  counter counted{};                  ///< its metric
  std::string_view limit;             ///< of a closed set, for example `application_calls`
  std::string name;                   ///< of the trunk, application or customer, or the address
  std::int64_t bound = 0;             ///< calls, or set-ups a second
  std::chrono::seconds retry_after{}; ///< at least 1 s
  bool tell = false;                  ///< the log has not heard of it for some seconds
};

/// Counts the calls of each trunk, application, customer and address, and how fast they come, so that none of
/// them takes what the others need. A call that its application's own bounds refuse costs its trunk nothing.
/// Time is a parameter; memory is bounded by the configuration and the calls that there are.
class call_limits {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit call_limits(call_limit_settings settings);

  /// Other bounds from now on; running calls stay counted. Rates that changed begin with a full budget.
  void replace(call_limit_settings settings);

  /// Nothing when the call may begin; its set-up is then counted.
  std::optional<reached_limit> admit(const call_origin& origin, time_point now);

  /// The call counts from now until `end`.
  void begin(const call_id& id, const call_origin& origin);
  void end(const call_id& id);

private:
  std::optional<reached_limit> find_reached(const call_origin& origin, time_point now);
  call_bounds bounds_of_trunk(const std::string& name) const;
  call_bounds bounds_of(const application_id& application) const;
  token_bucket& trunk_rate(const std::string& name, time_point now);
  token_bucket& application_rate(const application_id& application, time_point now);

  call_limit_settings settings_;
  std::unordered_map<call_id, call_origin> calls_;
  std::map<std::string, std::size_t> calls_of_trunk_;
  std::map<application_id, std::size_t> calls_of_application_;
  std::map<customer_id, std::size_t> calls_of_customer_;
  std::map<ip_address, std::size_t> calls_of_address_;
  std::map<std::string, token_bucket> trunk_rates_;
  std::map<application_id, token_bucket> application_rates_;
  token_buckets<std::string> address_rates_;
  token_buckets<std::string> log_lines_;
};

} // namespace sip_layer

} // namespace plenary
