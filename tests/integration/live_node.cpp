#include "tests/integration/live_node.hpp"

#include <poll.h>

#include <cmath>
#include <cstdlib>
#include <sstream>

namespace plenary::test {

void LiveNode::start(plenaryd_settings settings) {
  node = std::make_unique<plenaryd_process>(application, std::move(settings));
  ASSERT_TRUE(node->start()) << node->output();
}

void LiveNode::TearDown() {
  if (!node)
    return;
  EXPECT_EQ(node->terminate(), 0);
  if (HasFailure())
    std::cerr << "---- plenaryd wrote:\n" << node->output() << "----\n";
}

rtp_caller_options LiveNode::caller(double tone_hertz, const std::string& from) const {
  rtp_caller_options options;
  options.server = node->sip_udp();
  options.from = from;
  options.to = test_number;
  options.tone_hertz = tone_hertz;
  return options;
}

void LiveNode::answer_by_caller(std::map<std::string, nlohmann::json> documents) {
  application.answer_with([documents = std::move(documents)](const http_message& request, int) {
    const auto asked = nlohmann::json::parse(request.body, nullptr, false);
    const auto found = documents.find(asked.value("/call/from"_json_pointer, std::string{}));
    http_reply unknown;
    unknown.status = 404;
    return found == documents.end() ? unknown : json_reply(found->second);
  });
}

bool LiveNode::eventually(const std::function<bool()>& condition) {
  constexpr int pause_ms = 20; // questions without a pause would take the node's own processor time
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    if (condition())
      return true;
    ::poll(nullptr, 0, pause_ms);
  }
  return condition();
}

std::size_t LiveNode::participants_in(const std::string& room) const {
  const auto document = node->get_json("/v1/rooms/" + room);
  return document.is_object() ? document.value("participants", nlohmann::json::array()).size() : 0;
}

double LiveNode::metric(const std::string& name) const {
  const auto answer = http_get(node->http(), "/metrics");
  std::istringstream lines(answer ? answer->body : std::string{});
  for (std::string line; std::getline(lines, line);)
    // A name without labels is no beginning of another one.
    if (line.starts_with(name) &&
        (name.find('{') != std::string::npos || line.find_first_of(" {") == name.size()))
      return std::atof(line.c_str() + line.rfind(' '));
  return -1;
}

double settled_level(rtp_caller& listener, double hertz) {
  constexpr int most_tries = 20;
  double level = silence_dbfs;
  for (int i = 0; i < most_tries && std::abs(level + 20) > loudness_tolerance_db; ++i)
    level = heard_level(listener.listen(std::chrono::milliseconds(500)), hertz);
  return level;
}

double heard_level(const std::vector<std::int16_t>& samples, double hertz) {
  return tone_level_dbfs(samples, 8000, hertz);
}

} // namespace plenary::test
