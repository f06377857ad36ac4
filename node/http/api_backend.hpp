#pragma once

#include "schema/call.hpp"
#include "schema/result.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// Whether the node should get traffic, and why not.
struct readiness {
  struct check {
    std::string name; ///< snake_case, for example `store`
    bool ok = true;
    std::string detail; ///< for people; may be empty
  };
  bool draining = false;
  std::vector<check> checks; ///< ready when all are ok and the node is not draining
};

/// Where the API's answers come from. Every method returns at once; `done` runs once, on any thread. The
/// errors `unavailable`, `limit_reached` and `conference_unavailable` mean that a retry will help.
class api_backend {
public:
  template <class T>
  using callback = std::function<void(result<T>)>;

  virtual ~api_backend() = default;

  /// The call of that id, or nothing; `customer` is whose key asks.
  virtual void find_call(customer_id customer, call_id id, callback<std::optional<call_record>> done) = 0;

  /// Every live room of a customer.
  virtual void list_rooms(customer_id customer, callback<std::vector<room_snapshot>> done) = 0;

  /// The live room of that key, or nothing.
  virtual void find_room(room_key key, callback<std::optional<room_snapshot>> done) = 0;

  /// Called on the HTTP server's thread; must not wait.
  virtual readiness ready() = 0;
};

} // namespace plenary
