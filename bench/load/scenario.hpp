#pragma once

#include "bench/load/customer_app.hpp"
#include "bench/load/measurement.hpp"
#include "bench/load/session.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace plenary::load {

/// Late or missing packets of a window that still counts as clean, as a share of the expected ones.
inline constexpr double clean_share = 0.01;

/// One run: a crowd and what is measured with it.
struct scenario {
  crowd plan;
  std::chrono::seconds window{30};
  bool stall = false;              ///< stop the server for 500 ms inside the window
  std::size_t grow_by = 0;         ///< non-zero: more callers after each clean window, until one is not clean
  std::size_t most_callers = 4000; ///< a growing crowd stops here
  std::size_t tries = 3;           ///< windows at most, until one is not disturbed by the machine
};

/// Whom the calls go to.
struct target {
  sockaddr_in sip{};
  pid_t pid = 0;
  const customer_app* app = nullptr; ///< null: webhooks are not checked
};

/// What a stall did to the delay.
struct stall_report {
  std::chrono::nanoseconds before_p50{0};
  std::chrono::nanoseconds worst_after{0};
  std::optional<std::chrono::nanoseconds>
      normal_after; ///< from the end of the stall; empty: not within the window
};

/// Everything measured in one window of `participants` callers.
struct measurement {
  std::size_t participants = 0;
  double cpu_ms = 0; ///< of the server, per participant and second
  double cpu_user_share = 0;
  double rss_kib = 0; ///< above idle, per participant
  cadence_report packets;
  heard_in_window heard;
  spread delay;
  std::optional<stall_report> stall;
  std::chrono::nanoseconds send_lateness_p99{0};
  std::chrono::nanoseconds send_lateness_max{0};
  double foreign_core_share = 0; ///< of the server's core, used by others
  double steal_share = 0;

  /// Share of expected packets that came late or never.
  double late_or_missing() const;

  /// True when the callers themselves were late (p99 above 5 ms) or the host took more than 5 % of the
  /// server's core: delay and loss of such a window say nothing about the server.
  bool disturbed() const;
};

/// Outcome of a scenario: its windows (one, unless the crowd grew) and what came with the calls.
struct scenario_report {
  scenario ran;
  std::vector<measurement> windows;
  spread setup;
  std::uint64_t sip_retransmissions = 0;
  std::size_t calls_placed = 0;
  std::size_t calls_ended_well = 0;
  std::map<std::string, std::uint64_t> webhooks;
  std::string stopped_by; ///< why a growing crowd stopped
};

/// Places the calls, measures, hangs up, waits up to 10 s for the webhooks. Fails as session::place.
result<scenario_report> run(const scenario& what, const target& server);

} // namespace plenary::load
