#include "actors/call/flow.hpp"

#include <gtest/gtest.h>

namespace plenary::flow {
namespace {

using std::chrono::milliseconds;

const std::string room_a = R"({"actions":[{"conference":{"room":"a"}}]})";

application settings() {
  application app;
  app.answer_url = "http://c/answer";
  return app;
}

/// Runs a flow and keeps what it asked for.
class player {
public:
  explicit player(application app = settings())
      : state_(std::move(app)) {}

  void tell(const event& what) {
    auto [next, effects] = step(state_, what);
    state_ = std::move(next);
    latest = std::move(effects);
  }

  void answer(int status, const std::string& body = {}, milliseconds took = {}) {
    answer(http_answer{status, body}, took);
  }
  void answer(http_answer what, milliseconds took = {}) {
    tell(fetched{state_.fetch_number, std::move(what), took});
  }
  void fail_with(errc code, milliseconds took = {}) {
    tell(fetched{state_.fetch_number, fail(code, "no answer"), took});
  }

  /// The latest effects as one line.
  std::string story() const {
    std::string text;
    for (const auto& each : latest)
      text += (text.empty() ? "" : ", ") + std::visit(namer{}, each);
    return text;
  }

  const state& now() const { return state_; }

  std::vector<effect> latest;

private:
  struct namer {
    std::string operator()(const fetch& what) const {
      return fmt::format("{} {} #{}", what.method, what.url, what.attempt) +
             (what.wait.count() > 0 ? fmt::format(" in {}", what.wait.count()) : "") +
             (what.timeout != total_timeout ? fmt::format(" for {}", what.timeout.count()) : "");
    }
    std::string operator()(const begin& what) const {
      return "enter " + std::get<conference>(what.what).room;
    }
    std::string operator()(const warn_ignored& what) const {
      return fmt::format("warn {}", what.members.size());
    }
    std::string operator()(const source_failed& what) const {
      return fmt::format("failed {}", to_string(what.why.reason));
    }
    std::string operator()(const ended& what) const { return "end " + what.cause; }
  };

  state state_;
};

TEST(Flow, RunsTheActionsInOrderAndEndsWithTheList) {
  player play;

  play.tell(started{});
  EXPECT_EQ(play.story(), "POST http://c/answer #1");
  play.answer(200, R"({"actions":[{"conference":{"room":"a"}},{"conference":{"room":"b","x":1}}]})");
  EXPECT_EQ(play.story(), "warn 1, enter a");
  play.tell(action_finished{});
  EXPECT_EQ(play.story(), "enter b");
  play.tell(action_finished{});
  EXPECT_EQ(play.story(), "end normal_clearing");
}

TEST(Flow, GoesOnAfterAFailedActionAndRemembersWhy) {
  player play;
  play.tell(started{});
  play.answer(200, R"({"actions":[{"conference":{"room":"a"}},{"conference":{"room":"b"}}]})");

  play.tell(action_finished{call_failure{failure_code::conference_unavailable, errc::limit_reached, "full"}});

  EXPECT_EQ(play.story(), "enter b");
  EXPECT_EQ(play.now().last_error->code, failure_code::conference_unavailable);
}

TEST(Flow, NamesTheUrlThatFailedByTheCodeAndWhatItWasByTheReason) {
  player asked;
  asked.tell(started{});
  asked.answer(404);
  EXPECT_EQ(asked.now().last_error,
            (call_failure{failure_code::answer_url_failed, errc::http_status, "HTTP 404"}));

  player redirected;
  redirected.tell(started{});
  redirected.answer(200, R"({"actions":[{"redirect":{"url":"http://c/next"}}]})");
  redirected.fail_with(errc::timeout);
  EXPECT_EQ(redirected.now().last_error->code, failure_code::redirect_failed);
  EXPECT_EQ(redirected.now().last_error->reason, errc::timeout);

  player unsupported;
  unsupported.tell(started{});
  unsupported.answer(200, R"({"actions":[{"say":{"text":"hello"}}]})");
  EXPECT_EQ(unsupported.now().last_error->code, failure_code::unsupported_action);
}

TEST(Flow, AsksThreeTimesOnNetworkErrorsAndServerErrors) {
  player play;
  play.tell(started{});

  play.fail_with(errc::network);
  EXPECT_EQ(play.story(), "POST http://c/answer #2 in 500 for 4500");
  play.answer(503);
  EXPECT_EQ(play.story(), "POST http://c/answer #3 in 1500 for 3000");
  play.answer(500);
  EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
}

TEST(Flow, CountsTheTimeOfAttemptsIntoTheWhole) {
  player play;
  play.tell(started{});

  play.fail_with(errc::network, milliseconds{3000}); // the connection never came about
  EXPECT_EQ(play.story(), "POST http://c/answer #2 for 2000");
  play.answer(503, {}, milliseconds{1700});
  EXPECT_EQ(play.story(), "POST http://c/answer #3 for 300");
  play.answer(503);
  EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
}

TEST(Flow, MakesNoAttemptThatHasNoTimeLeft) {
  player play;
  play.tell(started{});

  play.answer(503, {}, total_timeout - shortest_attempt + milliseconds{1});

  EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
}

TEST(Flow, FollowsOneMoveWithinTheOrigin) {
  for (int status : {307, 308}) {
    player play;
    play.tell(started{});

    play.answer({status, "", "/there?x=1"}, milliseconds{40});
    EXPECT_EQ(play.story(), "POST http://c/there?x=1 #1 for 4960");
    play.fail_with(errc::network, milliseconds{10});
    EXPECT_EQ(play.story(), "POST http://c/there?x=1 #2 in 450 for 4500");
    play.answer({status, "", "/elsewhere"});
    EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
  }
}

TEST(Flow, FollowsNoOtherMove) {
  for (const auto& [status, location] :
       std::vector<std::pair<int, std::string>>{{301, "/x"},
                                                {302, "/x"},
                                                {303, "/x"},
                                                {307, "http://d/x"},
                                                {307, "https://c/x"},
                                                {308, "http://c:8080/x"},
                                                {308, ""},
                                                {308, "http://169.254.169.254/"}}) {
    player play;
    play.tell(started{});

    play.answer({status, "", location});

    EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed") << location;
  }
}

TEST(Flow, ObeysAShortRetryAfterOnce) {
  player play;
  play.tell(started{});

  play.answer({429, "", "", milliseconds{2000}}, milliseconds{100});
  EXPECT_EQ(play.story(), "POST http://c/answer #2 in 2000 for 2900");
  play.answer({429, "", "", milliseconds{1000}});
  EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
}

TEST(Flow, WaitsForNoLongRetryAfterAndNoneAtAll) {
  for (auto wait :
       {std::optional<milliseconds>{}, std::optional{total_timeout - shortest_attempt + milliseconds{1}},
        std::optional<milliseconds>{std::chrono::hours{24}}}) {
    player play;
    play.tell(started{});

    play.answer({429, "", "", wait});

    EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
  }
}

TEST(Flow, AsksOnlyOnceWhereAnotherTryCannotHelp) {
  for (auto failure : {errc::timeout, errc::limit_reached, errc::malformed, errc::unavailable}) {
    player play;
    play.tell(started{});

    play.fail_with(failure);

    EXPECT_EQ(play.story(), fmt::format("failed {}, end answer_url_failed", to_string(failure)));
  }
  for (int status : {301, 404, 410}) {
    player play;
    play.tell(started{});

    play.answer(status, room_a);

    EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
  }
}

TEST(Flow, TreatsABadDocumentAsAFailure) {
  player play;
  play.tell(started{});

  play.answer(200, R"({"actions":[{"conference":{"room":"a"}},{"say":{"text":"x"}}]})");

  EXPECT_EQ(play.story(), "failed unsupported_action, end answer_url_failed");
}

TEST(Flow, FallsBackToTheInlineActionsThenToTheUrl) {
  auto app = settings();
  app.fallback_actions = R"([{"redirect":{"url":"http://c/r"}}])";
  app.fallback_url = "http://c/fallback";
  player play{app};
  play.tell(started{});

  play.answer(404);
  EXPECT_EQ(play.story(), "failed http_status, GET http://c/r #1");
  play.answer(404);
  EXPECT_EQ(play.story(), "failed http_status, POST http://c/fallback #1");
  play.answer(404);
  EXPECT_EQ(play.story(), "failed http_status, end redirect_failed");
}

TEST(Flow, TakesEmptyInlineActionsForNone) {
  auto app = settings();
  app.fallback_actions = "[]";
  player play{app};
  play.tell(started{});

  play.answer(404);

  EXPECT_EQ(play.story(), "failed http_status, end answer_url_failed");
}

TEST(Flow, ReplacesTheListOnRedirect) {
  player play;
  play.tell(started{});
  play.answer(
      200,
      R"({"actions":[{"redirect":{"url":"http://c/next","method":"POST"}},{"conference":{"room":"z"}}]})");
  EXPECT_EQ(play.story(), "POST http://c/next #1");

  play.answer(200, room_a);
  EXPECT_EQ(play.story(), "enter a");
  play.tell(action_finished{});

  EXPECT_EQ(play.story(), "end normal_clearing");
}

TEST(Flow, LimitsRedirectsInARow) {
  player play;
  play.tell(started{});
  const std::string again = R"({"actions":[{"redirect":{"url":"http://c/r","max_redirects":2}}]})";

  play.answer(200, again);
  play.answer(200, again);
  EXPECT_EQ(play.story(), "GET http://c/r #1");
  play.answer(200, again);
  EXPECT_EQ(play.story(), "failed limit_reached, end redirect_failed");
}

TEST(Flow, CountsRedirectsAnewAfterAConference) {
  player play;
  const std::string loop =
      R"({"actions":[{"conference":{"room":"a"}},{"redirect":{"url":"http://c/r","max_redirects":1}}]})";
  play.tell(started{});
  play.answer(200, loop);

  for (int i = 0; i < 30; ++i) {
    play.tell(action_finished{});
    EXPECT_EQ(play.story(), "GET http://c/r #1");
    play.answer(200, loop);
  }
}

TEST(Flow, IgnoresWhatHasNoMeaningNow) {
  player play;
  play.tell(action_finished{});
  EXPECT_EQ(play.story(), "");
  play.tell(started{});
  play.tell(started{});
  EXPECT_EQ(play.story(), "");
  play.tell(fetched{99, http_answer{200, room_a}});
  EXPECT_EQ(play.story(), "");
  play.answer(404);
  play.answer(200, room_a);
  EXPECT_EQ(play.story(), "");
  EXPECT_EQ(play.now().now, phase::ended);
}

} // namespace
} // namespace plenary::flow
