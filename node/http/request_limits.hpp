#pragma once

#include "node/http/credentials.hpp"
#include "schema/token_bucket.hpp"

#include <chrono>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace plenary {

/// How often the API may be asked; 0: no bound.
struct request_limit_settings {
  std::int64_t per_address = 0;                           ///< requests a second; twice as many at once
  std::map<application_id, std::int64_t> per_application; ///< requests a second; twice as many at once
  std::int64_t wrong_keys = 0;                            ///< a minute, of one address, and as many at once
};

/// All addresses that one client of an access network has: IPv4 as it is, of IPv6 the /64 (RFC 6177).
std::string client_group(const std::string& address);

/// Budgets of clients. Time is a parameter, memory is bounded. Who guesses keys runs out of tries for the
/// whole address; a client that showed its right key from there before is not locked out with it.
class request_limits {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit request_limits(const request_limit_settings& settings);

  /// Other limits from now on; a budget whose rate changed begins full.
  void replace(const request_limit_settings& settings);

  /// Counts a request of this client, which costs as much as that many; how long it has to wait when it may
  /// not be answered.
  std::optional<std::chrono::seconds> take_of_address(const std::string& client, time_point now,
                                                      double cost = 1);

  /// Counts a request with a key of this application.
  std::optional<std::chrono::seconds> take_of_application(const application_id& application, time_point now);

  /// How long the client has no more tries, or nothing.
  std::optional<std::chrono::seconds> locked_for(const std::string& client, time_point now) const;

  void count_wrong_key(const std::string& client, time_point now);

  /// `holder` names whose key it was.
  void remember_right_key(const std::string& client, const std::string& holder);
  bool knows_right_key(const std::string& client, const std::string& holder) const;

private:
  request_limit_settings settings_;
  token_buckets<std::string> addresses_;
  token_buckets<std::string> wrong_keys_;
  std::map<application_id, token_bucket> applications_;
  std::list<std::string> remembered_; ///< client and holder, the latest first
  std::unordered_map<std::string, std::list<std::string>::iterator> places_;
};

} // namespace plenary
