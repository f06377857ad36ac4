#include "tests/integration/live_cluster.hpp"

#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>

#include <algorithm>

namespace plenary::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

LiveCluster::LiveCluster(cluster_site site)
    : application(test_webhook_secret, "daily_support_room", site.test_address)
    , site_(std::move(site)) {}

void LiveCluster::prepare(std::map<std::string, std::string> lines) {
  std::vector<std::string> seeds;
  for (std::size_t i = 0; i < node_count; ++i)
    seeds.push_back(fmt::format("\"{}:{}\"", site_.nodes[i].address, link_ports_.first() + i));
  for (std::size_t i = 0; i < node_count; ++i) {
    plenaryd_settings settings;
    settings.node_name = fmt::format("node-{}", static_cast<char>('a' + i));
    settings.address = site_.nodes[i].address;
    settings.callers_address = site_.test_address;
    settings.network_namespace = site_.nodes[i].network_namespace;
    settings.lines = lines;
    settings.lines["cluster"] =
        fmt::format("listen = {}\nseeds = [{}]\n{}\n{}", seeds[i], fmt::join(seeds, ", "),
                    site_.nodes[i].cluster_lines, lines["cluster"]);
    settings.lines["http"] = fmt::format("operator_key = \"{}\"\n{}", operator_key, lines["http"]);
    settings.lines["application"] = "events = [\"room.*\"]\n" + lines["application"];
    configure(i, settings);
    nodes_.push_back(std::make_unique<plenaryd_process>(application, std::move(settings)));
  }
}

void LiveCluster::start(std::map<std::string, std::string> lines) {
  prepare(std::move(lines));
  for (auto& each : nodes_)
    ASSERT_TRUE(each->launch()) << each->output();
  for (auto& each : nodes_)
    ASSERT_TRUE(each->wait_until_ready()) << each->output();
  ASSERT_TRUE(eventually([&] { return sees_members({0, 1, 2}, node_count); }, seconds(30)));
}

void LiveCluster::TearDown() {
  std::vector<plenaryd_process*> launched;
  for (auto& each : nodes_)
    if (each->was_launched())
      launched.push_back(each.get());
  for (auto* each : launched)
    each->process().signal(SIGTERM);
  for (auto* each : launched)
    EXPECT_EQ(each->process().wait_for_exit(seconds(60)), 0) << each->name();
  if (!HasFailure())
    return;
  for (auto& each : nodes_)
    std::cerr << "---- " << each->name() << " wrote:\n" << each->output() << "----\n";
}

std::size_t LiveCluster::index_of(const std::string& name) const {
  const auto found = std::ranges::find(nodes_, name, [](const auto& each) { return each->name(); });
  return static_cast<std::size_t>(found - nodes_.begin());
}

std::array<std::size_t, 2> LiveCluster::others(std::size_t index) {
  return {(index + 1) % node_count, (index + 2) % node_count};
}

rtp_caller_options LiveCluster::caller(std::size_t index, double tone_hertz, const std::string& from) const {
  rtp_caller_options options;
  options.server = nodes_[index]->sip_udp();
  options.local_address = site_.test_address;
  options.from = from;
  options.to = test_number;
  options.tone_hertz = tone_hertz;
  return options;
}

void LiveCluster::answer_by_caller(std::map<std::string, nlohmann::json> documents) {
  application.answer_with([documents = std::move(documents)](const http_message& request, int) {
    const auto asked = nlohmann::json::parse(request.body, nullptr, false);
    const auto found = documents.find(asked.value("/call/from"_json_pointer, std::string{}));
    return json_reply(found == documents.end() ? conference("daily_support_room") : found->second);
  });
}

std::string LiveCluster::call_of(const std::string& from) const {
  std::string call;
  eventually([&] {
    for (const auto& webhook : application.webhooks())
      if (webhook.document.value("/call/from"_json_pointer, "") == from)
        call = webhook.call;
    return !call.empty();
  });
  return call;
}

std::size_t LiveCluster::open_room(rtp_caller& first, const std::string& room) const {
  if (!first.call())
    return node_count;
  const auto found = wait_for_room(room, 1);
  return found ? index_of(found->node) : node_count;
}

std::optional<agreed_room> LiveCluster::agreed_on(const std::string& room,
                                                  const std::vector<std::size_t>& asked) const {
  std::optional<agreed_room> agreed;
  for (const auto index : asked) {
    const auto document = nodes_[index]->get_json("/v1/rooms/" + room);
    if (!document.is_object())
      return std::nullopt;
    agreed_room told{document.value("node", ""), document.value("epoch", std::uint64_t{0}),
                     document.value("participants", nlohmann::json::array()).size()};
    if (agreed && (agreed->node != told.node || agreed->epoch != told.epoch ||
                   agreed->participants != told.participants))
      return std::nullopt;
    agreed = told;
  }
  return agreed;
}

std::optional<agreed_room> LiveCluster::wait_for_room(const std::string& room, std::size_t participants,
                                                      const std::vector<std::size_t>& asked) const {
  std::optional<agreed_room> found;
  eventually([&] {
    found = agreed_on(room, asked);
    return found && found->participants == participants;
  });
  return found && found->participants == participants ? found : std::nullopt;
}

std::set<int> LiveCluster::statuses_until(const std::function<bool()>& condition, const std::string& target,
                                          const std::vector<std::size_t>& asked) const {
  std::set<int> statuses;
  eventually([&] {
    for (const auto index : asked) {
      const auto answer = nodes_[index]->get(target);
      statuses.insert(answer ? answer->status() : 0);
    }
    return condition();
  });
  return statuses;
}

bool LiveCluster::sees_members(const std::vector<std::size_t>& asked, std::size_t live) const {
  return std::ranges::all_of(asked, [&](std::size_t index) {
    const auto answer = http_get(nodes_[index]->http(), "/v1/nodes", operator_key);
    const auto document = nlohmann::json::parse(answer ? answer->body : "", nullptr, false);
    if (!document.is_object())
      return false;
    const auto members = document.value("nodes", nlohmann::json::array());
    return live == static_cast<std::size_t>(std::ranges::count_if(members, [](const auto& each) {
             const auto state = each.value("state", "lost");
             return state == "live" || state == "draining";
           }));
  });
}

nlohmann::json LiveCluster::participant(std::size_t asked, const std::string& room,
                                        const std::string& call) const {
  const auto document = nodes_[asked]->get_json("/v1/rooms/" + room);
  if (document.is_object())
    for (const auto& each : document.value("participants", nlohmann::json::array()))
      if (each.value("call_id", "") == call)
        return each;
  return nullptr;
}

std::vector<mixed_stretch> LiveCluster::mixed(const std::string& room) const {
  std::vector<mixed_stretch> found;
  for (const auto& each : nodes_)
    for (const auto& line : each->process().lines()) {
      const auto document = nlohmann::json::parse(line, nullptr, false);
      if (!document.is_object() || document.value("event", "") != "room_mixed" ||
          document.value("room", "") != room)
        continue;
      found.push_back({each->name(), room, document.value("epoch", std::uint64_t{0}),
                       document.value("first_ns", std::int64_t{0}),
                       document.value("last_ns", std::int64_t{0})});
    }
  std::ranges::sort(found, {}, &mixed_stretch::first_ns);
  return found;
}

bool LiveCluster::eventually(const std::function<bool()>& condition, milliseconds timeout) {
  constexpr int pause_ms = 20; // questions without a pause would take the nodes' own processor time
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition())
      return true;
    ::poll(nullptr, 0, pause_ms);
  }
  return condition();
}

bool hears(rtp_caller& listener, double hertz) {
  const auto heard = listener.listen(milliseconds(200));
  return std::ssize(heard) >= 800 && heard_level(heard, hertz) > -35;
}

} // namespace plenary::test
