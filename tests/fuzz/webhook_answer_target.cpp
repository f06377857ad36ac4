// What a customer's webhook receiver answers: status, Retry-After, or an error of any text.
#include "actors/webhook/delivery.hpp"
#include "actors/webhook/retry_schedule.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>

namespace plenary::fuzz::webhook_answer_target {

namespace {

using namespace std::string_view_literals;
using namespace std::chrono_literals;

constexpr std::array pieces{"120"sv,
                            "0"sv,
                            "-1"sv,
                            "99999999999999999999"sv,
                            "9223372036854775807"sv,
                            "Sun, 06 Nov 1994 08:49:37 GMT"sv,
                            "Sunday, 06-Nov-94 08:49:37 GMT"sv,
                            "Sun Nov  6 08:49:37 1994"sv,
                            "Fri, 31 Dec 9999 23:59:59 GMT"sv,
                            "Mon, 01 Jan 0001 00:00:00 GMT"sv,
                            "Jan"sv,
                            "9999"sv,
                            "\0"sv};

/// The longest step of the schedule with its whole jitter.
constexpr auto longest_wait = std::chrono::milliseconds{24h} * 12 / 10;

void run_webhook_answer(bytes input) {
  byte_source from{input};
  const int status = from.u16() % 700;
  const int attempts = static_cast<int>(from.below(12));
  const double jitter = from.byte() / 255.0;
  const bool failed = from.below(4) == 0;
  // Any time from 1970 to 2200.
  const auto now =
      wall_time{std::chrono::seconds{from.u32() % 3'000'000'000U + (from.flag() ? 4'000'000'000 : 0)}};
  const auto text = std::string{text_of(from.rest())};
  result<http_response> answer;
  if (failed)
    answer = fail(errc::network, text.substr(0, 256));
  else
    answer = http_response{status, {{"retry-after", text}}, text, 1ms};

  const auto wait = parse_retry_after(text, now);
  FUZZ_CHECK(!wait || (*wait >= 0s && *wait <= 24h));

  due_event due;
  due.event.id = "evt_1";
  due.attempts = attempts;
  const auto verdict = judge_delivery(due, answer, now, jitter);
  using kind = delivery_outcome::kind;
  const bool taken = !failed && status >= 200 && status < 300;
  FUZZ_CHECK((verdict.outcome.what == kind::acknowledged) == taken);
  FUZZ_CHECK(verdict.disable_endpoint == (!failed && status == 410));
  FUZZ_CHECK(verdict.outcome.what != kind::postponed && verdict.outcome.event_id == "evt_1");
  FUZZ_CHECK(verdict.outcome.reason.size() <= 512);
  if (verdict.outcome.what != kind::retry)
    return;
  FUZZ_CHECK(attempts + 1 < max_delivery_attempts());
  FUZZ_CHECK(verdict.outcome.next_attempt >= now + 5s && verdict.outcome.next_attempt <= now + longest_wait);
}

FUZZ_TARGET(.name = "webhook_answer", .run = run_webhook_answer, .pieces = pieces);

} // namespace

} // namespace plenary::fuzz::webhook_answer_target
