#include "node/ctl/top.hpp"

#include "node/ctl/text_table.hpp"
#include "node/ctl/views.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

std::string number_text(const std::optional<double>& value, int digits) {
  return value ? fmt::format("{:.{}f}", *value, digits) : "-";
}

/// How much a counter grew; a restarted process starts from nothing.
std::optional<double> growth(std::string_view name, const node_scrape& before, const node_scrape& now) {
  auto last = metric_value(now.samples, name);
  auto first = metric_value(before.samples, name);
  if (!last || !first)
    return std::nullopt;
  return std::max(0.0, *last - *first);
}

std::optional<double> scaled(std::optional<double> value, double factor) {
  return value ? std::optional{*value * factor} : std::nullopt;
}

/// `HOST`, `[::1]` or `HOST:PORT` without the port.
std::string host_of(const std::string& authority) {
  auto colon = authority.rfind(':');
  bool is_port = colon != std::string::npos && authority.find(']', colon) == std::string::npos;
  return is_port ? authority.substr(0, colon) : authority;
}

nlohmann::json number_json(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

} // namespace

top_row top_row_of(const nlohmann::json& node, const node_scrape& before, const node_scrape& now) {
  auto seconds = std::chrono::duration<double>(now.at - before.at).count();
  auto per_second = seconds > 0 ? 1 / seconds : 0;
  top_row row;
  row.name = field_text(node, "name");
  row.state = field_text(node, "state");
  row.rooms = metric_value(now.samples, "plenary_rooms_active");
  row.participants = metric_value(now.samples, "plenary_room_participants");
  row.calls = metric_value(now.samples, "plenary_calls_active");
  row.lateness_p99_ms = scaled(
      histogram_quantile(0.99, "plenary_mix_tick_lateness_seconds", before.samples, now.samples), 1000);
  row.missed_ticks = growth("plenary_mix_ticks_missed_total", before, now);
  row.cpu_percent = scaled(growth("process_cpu_seconds_total", before, now), 100 * per_second);
  return row;
}

std::string top_view(const std::vector<top_row>& rows) {
  std::vector<std::vector<std::string>> lines;
  lines.reserve(rows.size());
  for (const auto& row : rows)
    lines.push_back({row.name, row.state, number_text(row.rooms, 0), number_text(row.participants, 0),
                     number_text(row.calls, 0), number_text(row.lateness_p99_ms, 2),
                     number_text(row.missed_ticks, 0), number_text(row.cpu_percent, 1)});
  return text_table({{"NODE"},
                     {"STATE"},
                     {"ROOMS", text_side::right},
                     {"PARTICIPANTS", text_side::right},
                     {"CALLS", text_side::right},
                     {"LATE P99 MS", text_side::right},
                     {"MISSED", text_side::right},
                     {"CPU %", text_side::right}},
                    lines);
}

nlohmann::json top_json(const std::vector<top_row>& rows) {
  auto nodes = nlohmann::json::array();
  for (const auto& row : rows)
    nodes.push_back({{"name", row.name},
                     {"state", row.state},
                     {"rooms", number_json(row.rooms)},
                     {"participants", number_json(row.participants)},
                     {"calls", number_json(row.calls)},
                     {"lateness_p99_ms", number_json(row.lateness_p99_ms)},
                     {"missed_ticks", number_json(row.missed_ticks)},
                     {"cpu_percent", number_json(row.cpu_percent)}});
  return {{"nodes", std::move(nodes)}};
}

std::optional<std::string> guessed_url(const nlohmann::json& node, const std::string& self_url) {
  if (is_true(node, "self"))
    return self_url;
  auto scheme_end = self_url.find("://");
  auto address = field_text(node, "address");
  if (scheme_end == std::string::npos || address.empty())
    return std::nullopt;
  auto authority = self_url.substr(scheme_end + 3);
  auto host = host_of(address);
  if (host == host_of(authority))
    return std::nullopt;
  auto port = authority.substr(host_of(authority).size());
  return self_url.substr(0, scheme_end + 3) + host + port;
}

} // namespace plenary
