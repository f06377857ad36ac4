#include "tests/integration/services/services_cluster.hpp"

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

namespace plenary::test {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

std::int64_t ServicesCluster::since(time_point then) {
  return std::chrono::duration_cast<milliseconds>(steady_clock::now() - then).count();
}

std::string ServicesCluster::number_of(int caller) {
  return fmt::format("+1555001{:04}", caller);
}

double ServicesCluster::metric(std::size_t index, const std::string& name) {
  const auto answer = http_get(node(index).http(), "/metrics");
  std::istringstream lines(answer ? answer->body : std::string{});
  double sum = -1;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name) && (line[name.size()] == ' ' || line[name.size()] == '{'))
      sum = std::max(sum, 0.0) + std::stod(line.substr(line.rfind(' ')));
  return sum;
}

nlohmann::json ServicesCluster::told(std::size_t index, const std::string& target,
                                     const std::string& member) {
  const auto document = node(index).get_json(target);
  return document.is_object() ? document.value(member, nlohmann::json{}) : nlohmann::json{};
}

std::optional<http_message> ServicesCluster::as_operator(std::size_t index, const std::string& method,
                                                         const std::string& target) {
  return http_exchange(node(index).http(), method, target,
                       {{"Authorization", fmt::format("Bearer {}", operator_key)}});
}

nlohmann::json ServicesCluster::told_of(std::size_t asked, const std::string& name,
                                        const std::string& member) {
  const auto answer = as_operator(asked, "GET", "/v1/nodes/" + name);
  const auto document = nlohmann::json::parse(answer ? answer->body : "", nullptr, false);
  return document.is_object() ? document.value(member, nlohmann::json{}) : nlohmann::json{};
}

int ServicesCluster::short_call(std::size_t index, const std::string& from) {
  rtp_caller phone(caller(index, 0, from));
  phone.invite();
  const auto answer = phone.wait_for_answer();
  if (answer && answer->status() == 200) {
    EXPECT_EQ(phone.hang_up(), 200) << from;
  }
  return answer ? answer->status() : 0;
}

std::map<std::string, std::string> ServicesCluster::stories() const {
  std::map<std::string, std::string> told;
  std::set<std::string> seen;
  for (const auto& webhook : application.webhooks()) {
    if (webhook.answered / 100 != 2 || !webhook.event.starts_with("call.") || !seen.insert(webhook.id).second)
      continue;
    auto& story = told[webhook.document.value("/call/from"_json_pointer, "")];
    story += fmt::format("{}{} {}{}", story.empty() ? "" : ", ", webhook.document.value("sequence", 0),
                         webhook.event, webhook.fault.empty() ? "" : " (" + webhook.fault + ")");
  }
  return told;
}

int ServicesCluster::lost_links() {
  int lost = 0;
  for (std::size_t index = 0; index < node_count; ++index)
    for (const auto& line : node(index).process().lines())
      lost += line.find("\"link_down\"") != std::string::npos;
  return lost;
}

bool ServicesCluster::meet(rtp_caller& one, double tone_of_one, rtp_caller& other, double tone_of_other) {
  return one.wait_for_tone(tone_of_other) && other.wait_for_tone(tone_of_one);
}

bool ServicesCluster::has_logged(plenaryd_process& node, const std::vector<std::string>& texts,
                                 milliseconds timeout) {
  return node.process()
      .wait_for_line(
          [&](const std::string& line) {
            return std::ranges::all_of(
                texts, [&](const std::string& text) { return line.find(text) != std::string::npos; });
          },
          timeout)
      .has_value();
}

finished_program ServicesCluster::ctl(std::size_t index, std::vector<std::string> arguments) {
  const auto program = std::filesystem::path(plenaryd_program()).parent_path() / "plenaryctl";
  arguments.insert(arguments.begin(), program.string());
  child_process run({.arguments = std::move(arguments),
                     .environment = {{"PLENARY_URL", "http://" + to_string(node(index).http())},
                                     {"PLENARY_KEY", operator_key}},
                     .directory = {},
                     .input = {}});
  run.wait_for_line([](const std::string&) { return false; }, seconds(30)); // all that it has to say
  const auto status = run.wait_for_exit(seconds(30));
  return {status.value_or(-1), run.output()};
}

} // namespace plenary::test
