#pragma once

#include <tl/expected.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace plenary {

/// What went wrong, as a value to branch on; the sentence beside it is for people.
enum class errc {
  malformed,              ///< bytes or text that do not follow their format
  unsupported,            ///< well formed, but a feature that is not built
  unsupported_action,     ///< an action name that Plenary does not know or does not run yet
  not_acceptable,         ///< no codec, crypto suite or media in common (SIP 488)
  not_found,              ///< no object of that name
  limit_reached,          ///< an explicit limit of the configuration is used up
  unauthorized,           ///< missing or wrong credential
  timeout,                ///< the deadline passed first
  network,                ///< connection refused, reset, name not resolved
  http_status,            ///< the server answered, but not 2xx
  unavailable,            ///< shutting down, draining, or not started yet
  conference_unavailable, ///< the room could not be joined
  storage,                ///< the durable store refused or lost a write
  internal,               ///< a library failed in a way that the caller cannot mend
  moved,                  ///< the object lives on another node: ask the directory again
  moving,                 ///< the object is being placed anew: retry after a moment
  stale                   ///< the message speaks of an older epoch of the room
};

/// Stable snake_case name of a code, as it stands in logs and events.
std::string_view to_string(errc code);

/// The code of that name; `internal` for a name that this version does not know.
errc parse_errc(std::string_view name);

/// An error as a value.
struct error {
  errc code = errc::internal;
  std::string message;

  friend bool operator==(const error&, const error&) = default;
};

/// Either a T or an error; functions that can fail for reasons outside the program return this.
template <class T>
using result = tl::expected<T, error>;

/// Makes the failing side of any result.
inline tl::unexpected<error> fail(errc code, std::string message) {
  return tl::unexpected<error>(error{code, std::move(message)});
}

/// Ends the process when an invariant is broken; never for bad input.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

} // namespace plenary

#define PLENARY_ASSERT(expression)                                                                           \
  ((expression) ? static_cast<void>(0) : ::plenary::assertion_failed(#expression, __FILE__, __LINE__))
