#include "bench/load/report.hpp"

#include "bench/load/goals.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace plenary::load {

namespace {

using nlohmann::json;

json delays(const spread& of) {
  return {{"p50_ms", ms(of.p50)}, {"p99_ms", ms(of.p99)}, {"max_ms", ms(of.max)}};
}

/// The window that stands for the scenario: of a growing crowd the last that was clean.
const measurement& chosen(const scenario_report& report) {
  const auto& windows = report.windows;
  const bool grew = report.stopped_by == "packets late or missing" && windows.size() > 1;
  return windows[windows.size() - (grew ? 2 : 1)];
}

std::uint64_t webhooks_expected(const scenario_report& report) {
  return 3 * report.calls_placed;
}

std::uint64_t webhooks_received(const scenario_report& report) {
  std::uint64_t sum = 0;
  for (const auto& [event, count] : report.webhooks)
    sum += count;
  return sum;
}

std::string stall_text(const stall_report& stall) {
  return fmt::format(
      "    stall of 500 ms: delay {:.0f} ms before, {:.0f} ms at worst after, {} (goal {} s)\n",
      ms(stall.before_p50), ms(stall.worst_after),
      stall.normal_after ? fmt::format("normal again after {:.1f} s", ms(*stall.normal_after) / 1000)
                         : "not normal again within the window",
      goal_stall_recovery.count());
}

std::string details(const scenario_report& report, const measurement& made) {
  const auto& tones = made.heard.tones;
  return fmt::format(
      "    tones {}: {} callers checked, faintest talker {:.1f} dB, loudest self {:.1f} dB, "
      "other rooms {:.1f} dB; "
      "marks {} of {}\n    packets: {} expected, {} missing, {} late, {} sequence gaps; "
      "callers' own lateness p99 {:.1f} max {:.1f} ms\n"
      "    server core{}: {:.0f} % used by others, {:.0f} % stolen; {:.0f} % of the server's "
      "time in user mode; "
      "set-up p50 {:.0f} p99 {:.0f} ms, {} SIP retransmissions; webhooks {} of {}\n",
      tones.passed ? "ok" : "WRONG", tones.callers, tones.faintest_talker_db, tones.loudest_self_db,
      tones.loudest_foreign_db, made.heard.marks.size(), made.heard.marks_expected, made.packets.expected,
      made.packets.missing, made.packets.late, made.packets.sequence_gaps, ms(made.send_lateness_p99),
      ms(made.send_lateness_max), made.disturbed() ? " (DISTURBED window)" : "",
      100 * made.foreign_core_share, 100 * made.steal_share, 100 * made.cpu_user_share, ms(report.setup.p50),
      ms(report.setup.p99), report.sip_retransmissions, webhooks_received(report), webhooks_expected(report));
}

json to_json(const measurement& made) {
  const auto& tones = made.heard.tones;
  json out{
      {"participants", made.participants},
      {"cpu_ms_per_participant_second", made.cpu_ms},
      {"cpu_user_share", made.cpu_user_share},
      {"rss_kib_per_participant", made.rss_kib},
      {"packets",
       {{"expected", made.packets.expected},
        {"missing", made.packets.missing},
        {"late", made.packets.late},
        {"sequence_gaps", made.packets.sequence_gaps}}},
      {"late_or_missing_share", made.late_or_missing()},
      {"delay", delays(made.delay)},
      {"marks", {{"expected", made.heard.marks_expected}, {"heard", made.heard.marks.size()}}},
      {"tones",
       {{"passed", tones.passed},
        {"callers", tones.callers},
        {"faintest_talker_db", tones.faintest_talker_db},
        {"loudest_self_db", tones.loudest_self_db},
        {"loudest_foreign_db", tones.loudest_foreign_db}}},
      {"send_lateness", {{"p99_ms", ms(made.send_lateness_p99)}, {"max_ms", ms(made.send_lateness_max)}}},
      {"disturbed", made.disturbed()},
      {"server_core", {{"foreign_share", made.foreign_core_share}, {"steal_share", made.steal_share}}}};
  if (made.stall)
    out["stall"] = {
        {"before_p50_ms", ms(made.stall->before_p50)},
        {"worst_after_ms", ms(made.stall->worst_after)},
        {"normal_after_ms", made.stall->normal_after ? json(ms(*made.stall->normal_after)) : json()}};
  return out;
}

} // namespace

std::string name_of(const scenario& ran) {
  return fmt::format("{} x {}, T{}, {}{}", ran.plan.rooms, ran.plan.callers_per_room, ran.plan.talkers,
                     ran.plan.silent == silence::noise ? "noise" : "dtx", ran.plan.srtp ? ", srtp" : "");
}

std::string heading() {
  return fmt::format("{:26} {:>6} {:>15} {:>26} {:>14} {:>8}\n", "case", "people", "CPU ms/person-s",
                     "delay p50 / p99 / max ms", "KiB/person", "late+missing");
}

std::string row(const scenario_report& report) {
  const auto& made = chosen(report);
  auto text = fmt::format(
      "{:26} {:>6} {:>15.2f} {:>26} {:>14.0f} {:>7.2f} %\n", name_of(report.ran), made.participants,
      made.cpu_ms,
      fmt::format("{:.0f} / {:.0f} / {:.0f}", ms(made.delay.p50), ms(made.delay.p99), ms(made.delay.max)),
      made.rss_kib, 100 * made.late_or_missing());
  if (const auto wanted = find_goal(report.ran.plan); wanted && report.ran.grow_by == 0)
    text += fmt::format("{:26} {:>6} {:>15} {:>26} {:>14} {:>8}\n", "  goal, at most", "", wanted->cpu_ms,
                        fmt::format("{:.0f} / {:.0f}", wanted->p50_ms, wanted->p99_ms), goal_rss_kib, "1 %");
  for (const auto& figure : peer_figures()) {
    if (same_case(figure.of, report.ran.plan) && report.ran.grow_by == 0)
      text += fmt::format("{:26} {:>6} {:>15} {:>26} {:>14}\n", fmt::format("  {}", figure.server), "",
                          figure.cpu_ms, figure.delay_ms, figure.rss_kib);
  }
  if (report.ran.grow_by != 0)
    text += fmt::format("    largest clean room: {} (goal {}; {}); stopped by: {}\n", made.participants,
                        goal_largest_room, peers_largest_room(), report.stopped_by);
  if (made.stall)
    text += stall_text(*made.stall);
  return text + details(report, made);
}

bool is_good(const scenario_report& report) {
  const auto& made = chosen(report);
  bool good = made.heard.tones.passed && report.calls_ended_well == report.calls_placed &&
              webhooks_received(report) == webhooks_expected(report);
  if (made.stall)
    return good && made.stall->normal_after && *made.stall->normal_after <= goal_stall_recovery;
  if (report.ran.grow_by != 0)
    return good && made.participants >= goal_largest_room;
  good = good && made.late_or_missing() <= 0.01 && made.rss_kib <= goal_rss_kib;
  if (const auto wanted = find_goal(report.ran.plan))
    good = good && made.cpu_ms <= wanted->cpu_ms && ms(made.delay.p50) <= wanted->p50_ms &&
           ms(made.delay.p99) <= wanted->p99_ms;
  return good;
}

std::string to_json(const std::vector<scenario_report>& reports) {
  auto all = json::array();
  for (const auto& report : reports) {
    auto windows = json::array();
    for (const auto& made : report.windows)
      windows.push_back(to_json(made));
    all.push_back({{"case", name_of(report.ran)},
                   {"good", is_good(report)},
                   {"windows", windows},
                   {"setup", delays(report.setup)},
                   {"sip_retransmissions", report.sip_retransmissions},
                   {"calls", {{"placed", report.calls_placed}, {"ended_well", report.calls_ended_well}}},
                   {"webhooks", report.webhooks},
                   {"stopped_by", report.stopped_by}});
  }
  return all.dump(2) + "\n";
}

} // namespace plenary::load
