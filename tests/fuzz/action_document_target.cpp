// What a customer's answer_url sends: read, checked and run to its end.
#include "actors/call/flow.hpp"
#include "schema/ids.hpp"
#include "schema/json.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>

namespace plenary::fuzz::action_document_target {

namespace {

using namespace std::string_view_literals;

constexpr std::array pieces{R"({"actions":[]})"sv,
                            R"({"type":"conference","room":"daily","mute":false,"end_on_exit":true})"sv,
                            R"({"conference":{"room":"daily"}})"sv,
                            R"({"type":"redirect","url":"https://example.com/next","method":"POST"})"sv,
                            R"({"redirect":{"url":"http://example.com","max_redirects":20}})"sv,
                            R"({"type":"say","text":"hello"})"sv,
                            R"("actions":)"sv,
                            R"("type":)"sv,
                            R"("room":)"sv,
                            R"("url":)"sv,
                            R"("mute":null)"sv,
                            R"("max_redirects":1e3)"sv,
                            R"("x":)"sv,
                            "["sv,
                            "]"sv,
                            "{"sv,
                            "}"sv,
                            ","sv,
                            "null"sv,
                            "true"sv,
                            "-0.0e-999"sv,
                            "99999999999999999999"sv,
                            "\"\\u0000\""sv,
                            "\"\\ud800\""sv,
                            "\"\\u00e9\""sv,
                            "\xEF\xBB\xBF"sv,
                            "\xC3\xA9"sv,
                            "\xFF"sv,
                            "\""sv,
                            "\\"sv,
                            "\n"sv};

constexpr int most_steps = 400;

void check_document(const result<flow::document>& read) {
  if (!read) {
    check_error(read.error());
    // The sentence stands in an event, which is read again before it leaves.
    const auto event = to_text({{"data", {{"error", {{"message", read.error().message}}}}}});
    FUZZ_CHECK(parse_json(event).has_value());
    return;
  }
  FUZZ_CHECK(read->actions.size() <= flow::max_actions && read->ignored_members.size() <= 100);
  for (const auto& each : read->actions) {
    if (const auto* joining = std::get_if<flow::conference>(&each))
      FUZZ_CHECK(is_room_name(joining->room));
    else if (const auto* leading = std::get_if<flow::redirect>(&each))
      FUZZ_CHECK(leading->url.size() <= 2048 && leading->max_redirects >= 0 && leading->max_redirects <= 20);
  }
  for (const auto& path : read->ignored_members)
    FUZZ_CHECK(path.size() <= 256 && is_utf8(path));
}

/// Answers every request of a flow with the same document: it ends, or goes from conference to conference.
void run_flow(const std::string& text, const application& settings) {
  flow::state now{settings};
  std::vector<flow::event> coming{flow::started{}};
  std::uint32_t latest_fetch = 0;
  int steps = 0;
  bool joined = false;
  bool over = false;
  for (; !coming.empty() && steps < most_steps; ++steps) {
    const auto event = std::move(coming.back());
    coming.pop_back();
    auto next = flow::step(std::move(now), event);
    now = std::move(next.next);
    for (const auto& effect : next.effects) {
      FUZZ_CHECK(!over);
      if (const auto* asked = std::get_if<flow::fetch>(&effect)) {
        FUZZ_CHECK(asked->number > latest_fetch && asked->attempt <= flow::max_attempts);
        latest_fetch = asked->number;
        coming.emplace_back(flow::fetched{asked->number, flow::http_answer{200, text}});
      } else if (std::holds_alternative<flow::begin>(effect)) {
        joined = true;
        coming.emplace_back(flow::action_finished{});
      } else if (const auto* failed = std::get_if<flow::source_failed>(&effect)) {
        check_error({failed->why.reason, failed->why.detail});
      } else if (std::holds_alternative<flow::ended>(effect)) {
        over = true;
      }
    }
  }
  FUZZ_CHECK(over || joined);
  FUZZ_CHECK(over || steps == most_steps);
}

void run_action_document(bytes input) {
  const std::string text{text_of(input)};
  check_document(flow::parse_document(text));
  check_document(flow::parse_inline_actions(text));
  application settings;
  settings.answer_url = "https://example.com/answer";
  run_flow(text, settings);
  settings.fallback_url = "https://example.com/fallback";
  settings.fallback_actions = text;
  run_flow(text, settings);
}

FUZZ_TARGET(.name = "action_document", .run = run_action_document, .pieces = pieces,
            // A document of conference and redirect is read for every step of the flow.
            .limit = {.processor = std::chrono::milliseconds{1500},
                      .allocated = 4 * 1024 * 1024,
                      .allocated_per_byte = 64 * 1024});

} // namespace

} // namespace plenary::fuzz::action_document_target
