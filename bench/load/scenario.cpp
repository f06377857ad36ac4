#include "bench/load/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
using std::chrono::nanoseconds;
constexpr std::chrono::milliseconds stall_length{500};
constexpr std::chrono::milliseconds normal_margin{20};
constexpr std::chrono::seconds webhook_deadline{10};
constexpr std::chrono::milliseconds punctual{5};
constexpr double most_steal = 0.05;

double seconds_of(nanoseconds time) {
  return std::chrono::duration<double>(time).count();
}

struct stalled {
  mono_time begin;
  mono_time end;
};

/// Stops the server a third into the window.
std::optional<stalled> pass_window(session& calls, const scenario& what, pid_t pid) {
  if (!what.stall) {
    calls.idle(what.window);
    return std::nullopt;
  }
  calls.idle(what.window / 3);
  stalled stall{clock::now(), {}};
  kill(pid, SIGSTOP);
  calls.idle(stall_length);
  kill(pid, SIGCONT);
  stall.end = clock::now();
  calls.idle(what.window - what.window / 3 - stall_length);
  return stall;
}

stall_report judge_stall(const stalled& stall, std::vector<heard_mark> marks) {
  std::sort(marks.begin(), marks.end(), [](const auto& a, const auto& b) { return a.sent < b.sent; });
  stall_report report;
  std::vector<nanoseconds> before;
  for (const auto& mark : marks) {
    if (mark.sent + std::chrono::seconds(1) < stall.begin)
      before.push_back(mark.delay);
  }
  report.before_p50 = spread_of(before).p50;
  report.normal_after = nanoseconds(0);
  for (const auto& mark : marks) {
    if (mark.sent < stall.end)
      continue;
    report.worst_after = std::max(report.worst_after, mark.delay);
    if (mark.delay > report.before_p50 + normal_margin)
      report.normal_after = mark.sent - stall.end;
  }
  const auto last = marks.empty() ? stall.end : marks.back().sent;
  if (*report.normal_after > last - stall.end - std::chrono::seconds(1))
    report.normal_after = std::nullopt;
  return report;
}

void note_server(const meter_reading& idle, const meter_reading& before, const meter_reading& after,
                 double seconds, measurement& into) {
  const auto cpu = after.user + after.system - before.user - before.system;
  const auto people = static_cast<double>(into.participants);
  into.cpu_ms = seconds_of(cpu) * 1000 / people / seconds;
  into.cpu_user_share = cpu.count() == 0 ? 0 : seconds_of(after.user - before.user) / seconds_of(cpu);
  into.rss_kib = (static_cast<double>(after.rss_kib) - static_cast<double>(idle.rss_kib)) / people;
  const auto steal = after.core_steal - before.core_steal;
  into.steal_share = seconds_of(steal) / seconds;
  into.foreign_core_share =
      std::max(0.0, seconds_of(after.core_busy - before.core_busy - steal - cpu) / seconds);
}

result<measurement> measure(session& calls, const scenario& what, pid_t pid, const meter_reading& idle) {
  measurement made;
  made.participants = calls.participants().size();
  calls.media().begin_window();
  const auto before = read_meter(pid);
  const auto stall = pass_window(calls, what, pid);
  const auto after = read_meter(pid);
  const auto window = calls.media().end_window();
  note_server(idle, before, after, seconds_of(window.end - window.start), made);
  made.packets = add_up(calls.participants(), what.plan.talkers, window);
  made.send_lateness_p99 = window.send_lateness_p99;
  made.send_lateness_max = window.send_lateness_max;
  auto heard = listen(calls.participants(), window);
  if (!heard)
    return tl::unexpected(heard.error());
  made.heard = std::move(*heard);
  std::vector<nanoseconds> delays;
  for (const auto& mark : made.heard.marks)
    delays.push_back(mark.delay);
  made.delay = spread_of(std::move(delays));
  if (stall)
    made.stall = judge_stall(*stall, made.heard.marks);
  return made;
}

/// The first calm window, or of several disturbed ones that with the most punctual callers.
result<measurement> measure_calmly(session& calls, const scenario& what, pid_t pid,
                                   const meter_reading& idle) {
  auto best = measure(calls, what, pid, idle);
  for (std::size_t tries = 1; tries < what.tries && best && best->disturbed(); ++tries) {
    auto again = measure(calls, what, pid, idle);
    if (!again)
      return again;
    if (!again->disturbed() || again->send_lateness_p99 < best->send_lateness_p99)
      best = std::move(again);
  }
  return best;
}

/// Windows of a growing crowd, up to and with the first that is not clean.
result<void> grow(session& calls, const target& server, const meter_reading& idle, scenario_report& report) {
  const auto& what = report.ran;
  for (;;) {
    auto made = measure_calmly(calls, what, server.pid, idle);
    if (!made)
      return tl::unexpected(made.error());
    report.windows.push_back(std::move(*made));
    const auto& latest = report.windows.back();
    if (what.grow_by == 0)
      return {};
    fmt::print(stderr, "  {} callers: {:.2f} % late or missing, {:.2f} ms CPU each\n", latest.participants,
               100 * latest.late_or_missing(), latest.cpu_ms);
    if (latest.late_or_missing() > clean_share)
      report.stopped_by = "packets late or missing";
    else if (latest.participants + what.grow_by > what.most_callers)
      report.stopped_by = "most callers reached";
    else if (auto placed = calls.place(what.grow_by); !placed)
      report.stopped_by = placed.error().message;
    if (!report.stopped_by.empty())
      return {};
  }
}

void note_calls(const session& calls, scenario_report& report) {
  std::vector<nanoseconds> setups;
  for (const auto& call : calls.calls()) {
    setups.push_back(call.setup_time);
    report.sip_retransmissions += call.retransmissions;
  }
  report.setup = spread_of(std::move(setups));
  report.calls_placed = calls.calls().size();
}

void wait_for_webhooks(session& calls, const customer_app& app, scenario_report& report) {
  for (const auto deadline = clock::now() + webhook_deadline; clock::now() < deadline;) {
    report.webhooks = app.webhooks();
    if (report.webhooks["call.completed"] >= report.calls_placed)
      return;
    calls.idle(std::chrono::milliseconds(50));
  }
}

} // namespace

double measurement::late_or_missing() const {
  return packets.expected == 0
             ? 0
             : static_cast<double>(packets.late + packets.missing) / static_cast<double>(packets.expected);
}

bool measurement::disturbed() const {
  return send_lateness_p99 > punctual || steal_share > most_steal;
}

result<scenario_report> run(const scenario& what, const target& server) {
  scenario_report report;
  report.ran = what;
  const auto idle = read_meter(server.pid);
  auto calls = session::start(what.plan, server.sip);
  if (!calls)
    return tl::unexpected(calls.error());
  if (auto placed = (*calls)->place(what.plan.rooms * what.plan.callers_per_room); !placed)
    return tl::unexpected(placed.error());
  if (auto measured = grow(**calls, server, idle, report); !measured)
    return tl::unexpected(measured.error());
  note_calls(**calls, report);
  report.calls_ended_well = (*calls)->hang_up();
  if (server.app)
    wait_for_webhooks(**calls, *server.app, report);
  return report;
}

} // namespace plenary::load
