#pragma once

#include <tl/expected.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// Who has to refresh the session, as the header says it: relative to one transaction (RFC 4028 7).
enum class refresher_role { uac, uas };

/// Session-Expires as it stands in a message.
struct session_expires {
  std::chrono::seconds interval{0};
  std::optional<refresher_role> refresher;
};

/// What a message says about session timers.
struct timer_offer {
  std::optional<session_expires> expires;
  std::optional<std::chrono::seconds> min_se;
  bool supported = false; ///< `Supported: timer` or `Require: timer`
};

/// What we want.
struct timer_policy {
  std::chrono::seconds interval{1800};
  std::chrono::seconds min_se{90};
};

/// How a session is kept alive from now on.
struct timer_agreement {
  std::chrono::seconds interval{0};
  bool ours = false;          ///< we refresh; else the other side does and we watch
  bool peer_supports = false; ///< then `Require: timer` may be said

  friend bool operator==(const timer_agreement&, const timer_agreement&) = default;
};

/// The interval is too small: answer 422 with this Min-SE.
struct interval_too_small {
  std::chrono::seconds min_se{90};
};

/// Reads `1800;refresher=uac`.
std::optional<session_expires> parse_session_expires(std::string_view text);

/// Reads the value of a Min-SE header.
std::optional<std::chrono::seconds> parse_min_se(std::string_view text);

/// Our answer to an INVITE or UPDATE (RFC 4028 9).
tl::expected<timer_agreement, interval_too_small> answer_timer(const timer_offer& offer,
                                                               const timer_policy& policy);

/// What holds after a 2xx to an INVITE or UPDATE of ours that asked for `asked` (RFC 4028 7.2). An answer
/// below `min_se` is raised to it, one above what was asked is cut.
timer_agreement settle_timer(const timer_agreement& asked, std::chrono::seconds min_se,
                             const std::optional<session_expires>& answered);

/// When the refresher acts: half of the interval (RFC 4028 7.2, 10).
std::chrono::milliseconds refresh_delay(std::chrono::seconds interval);

/// When the other side gives up: min(32 s, a third) before the end (RFC 4028 10).
std::chrono::milliseconds expiry_delay(std::chrono::seconds interval);

/// The header lines of our 2xx.
std::string answer_headers(const timer_agreement& agreement);

/// The header lines of our INVITE or UPDATE.
std::string request_headers(const timer_agreement& wanted, std::chrono::seconds min_se);

} // namespace plenary::sip_layer
