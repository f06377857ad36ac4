#include "actors/webhook/delivery.hpp"
#include "tests/webhook/noon.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenary {
namespace {

using namespace std::chrono_literals;
using kind = delivery_outcome::kind;

due_event attempt_after(int attempts) {
  due_event attempt;
  attempt.event.id = "evt_1";
  attempt.event.body = "{}";
  attempt.attempts = attempts;
  return attempt;
}

http_response answer(int status, std::map<std::string, std::string> headers = {}) {
  return {status, std::move(headers), "", 0ms};
}

std::string header(const http_request& request, const std::string& name) {
  auto found = std::find_if(request.headers.begin(), request.headers.end(),
                            [&name](const auto& entry) { return entry.first == name; });
  return found == request.headers.end() ? "" : found->second;
}

TEST(DeliveryVerdict, AcknowledgesAny2xx) {
  for (int status : {200, 201, 204, 299}) {
    auto verdict = judge_delivery(attempt_after(0), answer(status), noon, 0);

    EXPECT_EQ(verdict.outcome.what, kind::acknowledged) << status;
    EXPECT_EQ(verdict.outcome.event_id, "evt_1");
  }
}

TEST(DeliveryVerdict, RetriesEverythingElseRedirectsIncluded) {
  for (int status : {301, 302, 307, 400, 401, 404, 408, 429, 500, 503}) {
    auto verdict = judge_delivery(attempt_after(0), answer(status), noon, 0);

    EXPECT_EQ(verdict.outcome.what, kind::retry) << status;
    EXPECT_EQ(verdict.outcome.next_attempt, noon + 5s);
    EXPECT_EQ(verdict.outcome.reason, "HTTP " + std::to_string(status));
    EXPECT_FALSE(verdict.disable_endpoint);
  }
}

TEST(DeliveryVerdict, RetriesWhenThereIsNoAnswer) {
  auto verdict = judge_delivery(attempt_after(1), fail(errc::timeout, "no answer in 10 s"), noon, 1);

  EXPECT_EQ(verdict.outcome.what, kind::retry);
  EXPECT_EQ(verdict.outcome.next_attempt, noon + 6min);
  EXPECT_EQ(verdict.outcome.reason, "timeout: no answer in 10 s");
}

TEST(DeliveryVerdict, LetsRetryAfterOnlyLengthenTheWait) {
  auto longer = judge_delivery(attempt_after(0), answer(503, {{"retry-after", "60"}}), noon, 0);
  auto shorter = judge_delivery(attempt_after(1), answer(503, {{"retry-after", "60"}}), noon, 0);

  EXPECT_EQ(longer.outcome.next_attempt, noon + 60s);
  EXPECT_EQ(shorter.outcome.next_attempt, noon + 5min);
}

TEST(DeliveryVerdict, DisablesTheEndpointOn410) {
  auto verdict = judge_delivery(attempt_after(0), answer(410), noon, 0);

  EXPECT_TRUE(verdict.disable_endpoint);
  EXPECT_EQ(verdict.outcome.what, kind::dead_letter);
}

TEST(DeliveryVerdict, GivesUpAfterTheTenthAttempt) {
  auto ninth = judge_delivery(attempt_after(8), answer(500), noon, 0);
  auto tenth = judge_delivery(attempt_after(9), answer(500), noon, 0);

  EXPECT_EQ(ninth.outcome.what, kind::retry);
  EXPECT_EQ(tenth.outcome.what, kind::dead_letter);
  EXPECT_EQ(tenth.outcome.reason, "HTTP 500");
}

TEST(DeliveryRequest, PostsTheStoredBytesWithTheAttemptsTime) {
  auto signer = webhook_signer::create("change-me").value();

  auto request =
      make_delivery_request(attempt_after(0).event, "http://127.0.0.1/hooks", signer, noon + 999ms);

  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.url, "http://127.0.0.1/hooks");
  EXPECT_EQ(request.body, "{}");
  EXPECT_EQ(request.total_timeout, 10s);
  EXPECT_EQ(header(request, "Content-Type"), "application/json");
  EXPECT_EQ(header(request, "User-Agent"), "Plenary/" PLENARY_VERSION);
  auto seconds = std::to_string(noon.time_since_epoch() / 1s);
  EXPECT_EQ(header(request, "X-MiniVoice-Timestamp"), seconds);
  EXPECT_EQ(header(request, "webhook-signature"), signer.standard({"evt_1", seconds, "{}"}));
}

TEST(DeliveryRequest, HasNoSignatureWithoutASecret) {
  auto request = make_delivery_request(attempt_after(0).event, "http://127.0.0.1/hooks", std::nullopt, noon);

  EXPECT_EQ(header(request, "X-MiniVoice-Signature"), "");
  EXPECT_EQ(header(request, "webhook-signature"), "");
}

} // namespace
} // namespace plenary
