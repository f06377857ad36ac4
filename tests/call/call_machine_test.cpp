#include "actors/call/call_machine.hpp"
#include "schema/foreign_text.hpp"
#include "schema/hangup_causes.hpp"
#include "tests/call/call_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace plenary::call_machine {
namespace {

const std::string in_a = R"({"actions":[{"type":"conference","room":"a","mute":true,"end_on_exit":true}]})";
const std::string in_a_then_b = R"({"actions":[{"conference":{"room":"a"}},{"conference":{"room":"b"}}]})";

TEST(CallMachine, LeadsACallThroughItsWholeLife) {
  player call;

  EXPECT_EQ(call.tell(incoming{}), "commit call.created ringing");
  EXPECT_EQ(call.stored(), "ring, fetch http://c/answer");
  EXPECT_EQ(call.document(in_a), "place_leg a");
  EXPECT_EQ(call.tell(leg_opened{opened_leg{"sdp", false}}), "join a mute end");
  EXPECT_EQ(call.tell(room_joined{room_a}), "commit call.answered in_progress");
  EXPECT_EQ(call.stored(), "accept sdp");
  EXPECT_EQ(call.tell(confirmed{}), "");
  EXPECT_EQ(call.now.story.record.room, room_a);
  EXPECT_EQ(call.tell(left_room{}), "commit call.completed completed");
  EXPECT_EQ(call.stored(), "hang_up normal_clearing, close_leg, finish");

  const auto& record = call.now.story.record;
  EXPECT_EQ(record.last_sequence, 3U);
  EXPECT_EQ(record.cause, (hangup_cause{16, "normal_clearing"}));
  EXPECT_EQ(record.room, std::nullopt);
  EXPECT_TRUE(record.created_at < *record.answered_at && *record.answered_at < *record.ended_at);
}

TEST(CallMachine, TellsTheEventsWithKeySequenceAndCause) {
  player call;
  call.talk();
  call.tell(remote_hangup{{16, "normal_clearing"}});

  std::vector<told> events;
  for (const auto& each : call.all)
    if (const auto* stored = std::get_if<commit>(&each))
      events.push_back(stored->events.at(0));

  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].data, (nlohmann::json{{"event_key", "call_20260529T120000.000000001_n:call.created"}}));
  EXPECT_EQ(events[1].sequence, 2U);
  const auto& last = events[2].data;
  EXPECT_EQ(last.at("hangup_cause").at("q850"), 16);
  EXPECT_EQ(last.at("duration_seconds"), 3);
}

TEST(CallMachine, KeepsWhoEndedTheCall) {
  const auto ended_by = [](const std::function<void(player&)>& happens) {
    player call;
    happens(call);
    return call.now.story.record.ended_by;
  };
  const auto talking = [&](const event& what) {
    return ended_by([&](player& call) {
      call.talk();
      call.tell(what);
    });
  };

  EXPECT_EQ(talking(remote_hangup{{16, "normal_clearing"}}), call_ending::caller);
  EXPECT_EQ(talking(remote_hangup{{102, "no_ack"}, false}), call_ending::node);
  EXPECT_EQ(talking(hangup_requested{}), call_ending::api);
  EXPECT_EQ(talking(hangup_requested{"node_draining"}), call_ending::node);
  EXPECT_EQ(talking(left_room{}), call_ending::room);
  EXPECT_EQ(talking(media_timeout{}), call_ending::node);
  EXPECT_EQ(talking(node_draining{}), call_ending::node);
  EXPECT_EQ(ended_by([](player& call) {
              call.tell(incoming{});
              call.stored();
              call.tell(cancelled{});
            }),
            call_ending::caller);
  EXPECT_EQ(ended_by([](player& call) {
              call.tell(incoming{});
              call.stored();
              call.tell(document_fetched{{1, flow::http_answer{200, R"({"actions":[]})"}}});
            }),
            call_ending::flow);
}

TEST(CallMachine, KeepsWhatWentWrongAndTellsARefusedCallerWhatDidNotFit) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.tell(
      document_fetched{{1, flow::http_answer{200, R"({"actions":[{"type":"conference","room":"a"}]})"}}});
  const error why{errc::not_acceptable, std::string(256, 'n')};

  call.tell(leg_opened{fail(why.code, why.message + "more")});
  call.stored();

  EXPECT_EQ(call.now.story.record.error,
            (call_failure{failure_code::not_acceptable, errc::not_acceptable, why.message}));
  const auto refused = std::find_if(call.all.begin(), call.all.end(),
                                    [](const auto& each) { return std::holds_alternative<reject>(each); });
  ASSERT_NE(refused, call.all.end());
  EXPECT_EQ(std::get<reject>(*refused).status, 488);
  EXPECT_TRUE(std::get<reject>(*refused).detail.starts_with(why.message));
}

TEST(CallMachine, LetsTheCallerHangUp) {
  player call;
  call.talk();

  EXPECT_EQ(call.tell(remote_hangup{{16, "normal_clearing"}}), "leave a, commit call.completed completed");
  EXPECT_EQ(call.stored(), "close_leg, finish");
}

TEST(CallMachine, CancelsWhileTheFlowIsBeingFetched) {
  player call;
  call.tell(incoming{});
  call.stored();

  EXPECT_EQ(call.tell(cancelled{}), "commit call.canceled canceled");
  EXPECT_EQ(call.stored(), "finish");
  EXPECT_EQ(call.document(in_a), "");
}

TEST(CallMachine, CancelsWhileTheFirstEventIsBeingStored) {
  player call;
  call.tell(incoming{});

  EXPECT_EQ(call.tell(cancelled{}), "");
  EXPECT_EQ(call.stored(), "commit call.canceled canceled");
  EXPECT_EQ(call.stored(), "finish");
}

TEST(CallMachine, WaitsForALegThatIsStillBeingMade) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);

  call.tell(cancelled{});
  EXPECT_EQ(call.stored(), "");
  EXPECT_EQ(call.tell(leg_opened{opened_leg{"sdp", false}}), "close_leg, finish");
}

TEST(CallMachine, LeavesTheRoomWhenCancelledWhileJoining) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);
  call.tell(leg_opened{opened_leg{"sdp", false}});

  EXPECT_EQ(call.tell(cancelled{}), "leave a, commit call.canceled canceled");
  EXPECT_EQ(call.tell(room_joined{room_a}), "");
  EXPECT_EQ(call.stored(), "close_leg, finish");
}

TEST(CallMachine, CompletesACallThatWasCancelledAfterItsAnswerWasTold) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);
  call.tell(leg_opened{opened_leg{"sdp", false}});
  call.tell(room_joined{room_a});

  EXPECT_EQ(call.tell(cancelled{}), "leave a");
  EXPECT_EQ(call.stored(), "commit call.completed completed");
  EXPECT_EQ(call.stored(), "close_leg, finish");
}

TEST(CallMachine, RefusesWith503WhenNobodyAnswersTheQuestion) {
  player call;
  call.tell(incoming{});
  call.stored();

  EXPECT_EQ(call.document("", 404), "source_failed, commit call.failed failed");
  EXPECT_EQ(call.stored(), "reject 503, finish");
  EXPECT_EQ(call.now.story.record.cause->name, "answer_url_failed");
}

TEST(CallMachine, DeclinesWhenTheListIsEmpty) {
  player call;
  call.tell(incoming{});
  call.stored();

  EXPECT_EQ(call.document(R"({"actions":[]})"), "commit call.failed failed");
  EXPECT_EQ(call.stored(), "reject 603, finish");
  EXPECT_EQ(call.now.story.record.cause, (hangup_cause{21, "call_rejected"}));
}

TEST(CallMachine, RefusesWith488WhenNoCodecFits) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);

  EXPECT_EQ(call.tell(leg_opened{fail(errc::not_acceptable, "no codec")}), "commit call.failed failed");
  EXPECT_EQ(call.stored(), "reject 488, finish");
}

TEST(CallMachine, RefusesWith503WhenTheFirstRoomCannotBeJoined) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a_then_b);
  call.tell(leg_opened{opened_leg{"sdp", false}});

  EXPECT_EQ(call.tell(join_failed{{errc::limit_reached, "full"}}), "commit call.failed failed");
  EXPECT_EQ(call.stored(), "reject 503, close_leg, finish");
  const auto& last = std::get<commit>(call.all.at(call.all.size() - 4)).events.at(0);
  EXPECT_EQ(last.data.at("error"), (nlohmann::json{{"code", "conference_unavailable"},
                                                   {"message", "conference room could not be joined"},
                                                   {"reason", "limit_reached"},
                                                   {"detail", "full"}}));
}

TEST(CallMachine, RunsTheRemainingActionsWhenALaterRoomCannotBeJoined) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a_then_b);
  call.tell(leg_opened{opened_leg{"sdp", false}});
  call.tell(room_joined{room_a});
  call.stored();
  call.tell(confirmed{});

  EXPECT_EQ(call.tell(left_room{}), "join b");
  EXPECT_EQ(call.tell(join_failed{{errc::limit_reached, "full"}}), "commit call.completed completed");
  const auto& last = std::get<commit>(call.all.back()).events.at(0);
  EXPECT_EQ(last.data.at("error").at("code"), "conference_unavailable");
}

TEST(CallMachine, TellsNothingOfWhatALibrarySays) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a_then_b);
  call.tell(leg_opened{opened_leg{"sdp", false}});

  call.tell(join_failed{{errc::internal, "opus encoder: corrupted stream"}});

  const auto& last = std::get<commit>(call.all.back()).events.at(0);
  EXPECT_EQ(last.data.at("error").at("code"), "conference_unavailable");
  EXPECT_EQ(last.data.at("error").at("detail"), "the node failed; its log says more");
}

TEST(CallMachine, TellsErrorsInPrintableTextOfBoundedSize) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a_then_b);
  call.tell(leg_opened{opened_leg{"sdp", false}});

  call.tell(join_failed{{errc::limit_reached, "bell \a, broken \xC3 " + std::string(40000, '"')}});

  const auto& last = std::get<commit>(call.all.back()).events.at(0);
  const auto& message = last.data.at("error").at("detail").get_ref<const std::string&>();
  EXPECT_LE(message.size(), max_foreign_bytes);
  EXPECT_EQ(message.substr(0, 23), "bell \xEF\xBF\xBD, broken \xEF\xBF\xBD \"\"");
  EXPECT_NO_THROW(last.data.dump());
}

TEST(CallMachine, GoesOnWhenTheRoomEndedBeforeTheCallerWasAnswered) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a_then_b);
  call.tell(leg_opened{opened_leg{"sdp", false}});
  call.tell(room_joined{room_a});

  EXPECT_EQ(call.tell(left_room{}), "");
  EXPECT_EQ(call.stored(), "accept sdp");
  EXPECT_EQ(call.tell(confirmed{}), "join b");
}

TEST(CallMachine, AnswersFirstWhenTheOfferIsOurs) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);

  EXPECT_EQ(call.tell(leg_opened{opened_leg{"our offer", true}}), "commit call.answered in_progress");
  EXPECT_EQ(call.stored(), "accept our offer");
  EXPECT_EQ(call.tell(confirmed{"their answer"}), "complete_leg their answer");
  EXPECT_EQ(call.tell(leg_completed{}), "join a mute end");
  EXPECT_EQ(call.tell(room_joined{room_a}), "");
}

TEST(CallMachine, HangsUpWhenOurOfferStaysUnanswered) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);
  call.tell(leg_opened{opened_leg{"our offer", true}});
  call.stored();

  EXPECT_EQ(call.tell(confirmed{}), "commit call.failed failed");
  EXPECT_EQ(call.stored(), "hang_up not_acceptable, close_leg, finish");
}

TEST(CallMachine, IgnoresTheAckOfACallThatEnds) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);
  call.tell(leg_opened{opened_leg{"our offer", true}});
  call.stored();

  EXPECT_EQ(call.tell(hangup_requested{}), "commit call.completed completed");
  EXPECT_EQ(call.tell(confirmed{"their answer"}), "");
  EXPECT_EQ(call.tell(leg_completed{fail(errc::not_acceptable, "no codec")}), "");
  EXPECT_EQ(call.stored(), "hang_up normal_clearing, close_leg, finish");
  EXPECT_EQ(call.now.story.record.error, std::nullopt);
}

TEST(CallMachine, EndsARunningCallWhoseMediaStopped) {
  player call;
  call.talk();

  EXPECT_EQ(call.tell(media_timeout{}), "leave a, commit call.completed completed");
  EXPECT_EQ(call.stored(), "hang_up media_timeout, close_leg, finish");
}

TEST(CallMachine, EndsCallsWhenTheNodeDrains) {
  player waiting;
  waiting.tell(incoming{});
  waiting.stored();
  EXPECT_EQ(waiting.tell(node_draining{}), "commit call.failed failed");
  EXPECT_EQ(waiting.stored(), "reject 503, finish");

  player talking;
  talking.talk();
  EXPECT_EQ(talking.tell(node_draining{}), "leave a, commit call.completed completed");
  EXPECT_EQ(talking.stored(), "hang_up node_draining, close_leg, finish");
}

TEST(CallMachine, RedirectsAfterAConferenceAndFailsWhenTheRedirectDoes) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(R"({"actions":[{"conference":{"room":"a"}},{"redirect":{"url":"http://c/next"}}]})");
  call.tell(leg_opened{opened_leg{"sdp", false}});
  call.tell(room_joined{room_a});
  call.stored();
  call.tell(confirmed{});

  EXPECT_EQ(call.tell(left_room{}), "fetch http://c/next");
  EXPECT_EQ(call.document("", 404), "source_failed, commit call.failed failed");
  EXPECT_EQ(call.stored(), "hang_up redirect_failed, close_leg, finish");
}

TEST(CallMachine, TellsTheEndOfACallThatARestartInterrupted) {
  auto before = new_call();
  before.story.record.status = call_status::in_progress;
  before.story.record.answered_at = wall_time{};
  before.story.record.last_sequence = 2;
  player call{before};

  EXPECT_EQ(call.tell(restarted{}), "commit call.failed failed");
  EXPECT_EQ(call.stored(), "finish");
  EXPECT_EQ(call.now.story.record.cause->name, "node_restart");
  EXPECT_EQ(call.now.story.record.last_sequence, 3U);
}

TEST(CallMachine, RefusesWithoutAStoryWhenTheFirstEventCannotBeStored) {
  player call;
  call.tell(incoming{});

  EXPECT_EQ(call.tell(committed{fail(errc::storage, "disk full")}), "reject 503, finish");
}

TEST(CallMachine, NeverAnswersACallWhoseAnswerCannotBeStored) {
  player call;
  call.tell(incoming{});
  call.stored();
  call.document(in_a);
  call.tell(leg_opened{opened_leg{"sdp", false}});
  call.tell(room_joined{room_a});

  EXPECT_EQ(call.tell(committed{fail(errc::storage, "disk full")}), "leave a, commit call.failed failed");
  EXPECT_EQ(call.now.story.record.last_sequence, 2U);
  EXPECT_EQ(call.tell(committed{fail(errc::storage, "disk full")}), "reject 503, close_leg, finish");
}

TEST(HangupCause, HasAQ850NumberForEveryName) {
  EXPECT_EQ(cause_named("media_timeout").q850, 102);
  EXPECT_EQ(cause_named("no such name"), (hangup_cause{127, "interworking"}));
  EXPECT_EQ(status_of({16, "session_expired"}), call_status::completed);
  EXPECT_EQ(status_of(cause_named("answer_url_failed")), call_status::failed);
}

} // namespace
} // namespace plenary::call_machine
