#include "node/ctl/commands.hpp"
#include "node/ctl/top.hpp"
#include "node/ctl/views.hpp"

#include <thread>

namespace plenary {

namespace {

using steady = std::chrono::steady_clock;

constexpr std::chrono::seconds live_interval{2};
constexpr std::chrono::seconds single_interval{1};
constexpr std::string_view clear_screen = "\x1b[H\x1b[2J";

using scrapes = std::map<std::string, node_scrape>;

std::optional<std::string> metrics_url(const ctl_arguments& arguments, const nlohmann::json& node) {
  auto given = arguments.node_urls.find(field_text(node, "name"));
  auto base = given != arguments.node_urls.end() ? given->second : guessed_url(node, arguments.url);
  return base ? std::optional{*base + "/metrics"} : std::nullopt;
}

node_scrape scrape(const ctl_session& session, const nlohmann::json& node) {
  node_scrape taken{steady::now(), {}};
  auto url = metrics_url(session.arguments(), node);
  if (!url || field_text(node, "state") == "lost")
    return taken;
  auto answer = session.client().scrape(*url);
  if (answer && answer->status == 200)
    taken.samples = read_prometheus_text(answer->body);
  return taken;
}

scrapes scrape_all(const ctl_session& session, const nlohmann::json& nodes) {
  scrapes taken;
  for (const auto& node : nodes)
    taken[field_text(node, "name")] = scrape(session, node);
  return taken;
}

void show(const ctl_session& session, const std::vector<top_row>& rows, bool live, std::ostream& out) {
  if (session.arguments().json)
    out << top_json(rows).dump(live ? -1 : 2) << "\n" << std::flush;
  else
    out << (live ? clear_screen : "") << top_view(rows) << std::flush;
}

} // namespace

std::optional<ctl_trouble> run_top(const ctl_session& session, std::ostream& out) {
  bool live = !session.arguments().once;
  scrapes before;
  for (bool first = true;; first = false) {
    auto document = session.ask("GET", "/v1/nodes");
    if (!document)
      return document.error();
    auto nodes = list_of(*document, "nodes");
    auto now = scrape_all(session, nodes);
    std::vector<top_row> rows;
    rows.reserve(nodes.size());
    for (const auto& node : nodes)
      rows.push_back(top_row_of(node, before[field_text(node, "name")], now[field_text(node, "name")]));
    if (!first)
      show(session, rows, live, out);
    if (!first && !live)
      return std::nullopt;
    before = std::move(now);
    std::this_thread::sleep_for(live && !first ? live_interval : single_interval);
  }
}

} // namespace plenary
