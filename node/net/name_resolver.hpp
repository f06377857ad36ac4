#pragma once

#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// IP literals in the order in which they should be tried.
using host_addresses = std::vector<std::string>;

/// Asks the system (name servers, /etc/hosts) and waits for it, as long as that takes. Fails with
/// `unavailable` when no name server answered, with `network` when the name has no address.
result<host_addresses> look_up_by_system(const std::string& host);

/// How names are looked up.
struct resolver_settings {
  std::size_t threads = 256;            ///< look-ups at one time
  std::size_t per_lane = 8;             ///< of one customer
  std::chrono::seconds keep{30};        ///< how long an answer is used
  std::chrono::seconds keep_stale{300}; ///< and how much longer while it is asked for anew (RFC 8767)
  std::chrono::seconds keep_failure{1}; ///< how long a name that has no address is not asked for again
  std::function<result<host_addresses>(const std::string&)> look_up = look_up_by_system;
};

/// An answer that may be used, and whether it is time to ask anew.
struct known_addresses {
  result<host_addresses> answer;
  bool stale = false;
};

/// Looks names up on threads of its own, for which nobody ever waits: a name server that is silent holds up
/// only who asked for that name. Each customer has a bounded share of the threads.
class name_resolver {
public:
  using callback = std::function<void(result<host_addresses>)>;

  explicit name_resolver(resolver_settings settings = {});
  /// Does not wait for look-ups that are under way.
  ~name_resolver();
  name_resolver(const name_resolver&) = delete;
  name_resolver& operator=(const name_resolver&) = delete;

  /// The answer that is still good; nothing when the name has to be looked up.
  std::optional<known_addresses> known(const std::string& host, mono_time now) const;

  /// Looks the name up; `done` is called at most once, on any thread, maybe after the resolver is gone, so it
  /// owns what it touches. Not called when the look-up could not begin before `give_up_at`.
  void ask(const std::string& lane, const std::string& host, mono_time give_up_at, callback done);

private:
  class core;
  std::shared_ptr<core> core_;
};

} // namespace plenary
