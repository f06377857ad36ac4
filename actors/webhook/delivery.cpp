#include "actors/webhook/delivery.hpp"

#include "actors/webhook/retry_schedule.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary {

namespace {

using kind = delivery_outcome::kind;

constexpr int http_gone = 410;
/// The answer's content does not matter; a server that answers with a page is no failure.
constexpr std::size_t max_answer_bytes = std::size_t{1024} * 1024;

std::string reason_of(const result<http_response>& answer) {
  if (answer)
    return fmt::format("HTTP {}", answer->status);
  return fmt::format("{}: {}", to_string(answer.error().code), answer.error().message);
}

std::chrono::milliseconds asked_wait(const result<http_response>& answer, wall_time now) {
  if (!answer)
    return std::chrono::milliseconds{0};
  auto header = answer->headers.find("retry-after");
  if (header == answer->headers.end())
    return std::chrono::milliseconds{0};
  return parse_retry_after(header->second, now).value_or(std::chrono::seconds{0});
}

} // namespace

http_request make_delivery_request(const outbox_event& event, const std::string& url,
                                   const std::optional<webhook_signer>& signer, wall_time now) {
  http_request request;
  request.url = url;
  request.body = event.body;
  request.call = event.call.value;
  request.max_response_bytes = max_answer_bytes;
  request.keep_body = false;
  request.purpose = http_purpose::webhook;
  request.source = url_source::configuration;
  request.lane = event.application.value;
  request.headers = {{"Content-Type", "application/json"}, {"User-Agent", "Plenary/" PLENARY_VERSION}};
  if (signer) {
    auto seconds = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    auto timestamp = std::to_string(seconds);
    for (auto& header : signer->headers({event.id, timestamp, request.body}))
      request.headers.push_back(std::move(header));
  }
  return request;
}

delivery_verdict judge_delivery(const due_event& attempt, const result<http_response>& answer, wall_time now,
                                double jitter) {
  const auto& id = attempt.event.id;
  if (answer && answer->status >= 200 && answer->status < 300)
    return {{id, kind::acknowledged, {}, ""}, false};
  if (answer && answer->status == http_gone)
    return {{id, kind::dead_letter, {}, reason_of(answer)}, true};
  auto delay = retry_delay(attempt.attempts + 1, jitter);
  if (!delay)
    return {{id, kind::dead_letter, {}, reason_of(answer)}, false};
  return {{id, kind::retry, now + std::max(*delay, asked_wait(answer, now)), reason_of(answer)}, false};
}

} // namespace plenary
