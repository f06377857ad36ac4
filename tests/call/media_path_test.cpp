#include "tests/call/media_player.hpp"

#include <gtest/gtest.h>

namespace plenary::media_path {
namespace {

const peer::room_place to_b{{"node-b"}, 2};

TEST(MediaPath, PlacesTheFirstLegAndEntersTheRoomOnItsNode) {
  path_player call;

  EXPECT_EQ(call.tell(place{room_a}), "clock, make 1 at a");
  EXPECT_EQ(call.made(1, "node-a"), "tell leg_opened sdp1");
  EXPECT_EQ(call.tell(join{{room_a, {true, true}}}), "clock, locate a");
  EXPECT_EQ(call.found("node-a", 4), "enter 1 a of 4 mute end");
  EXPECT_EQ(call.tell(entered{1, {}}), "tell room_joined a");
}

TEST(MediaPath, MovesWithItsRoomAndClosesTheOldLegLast) {
  path_player call;
  call.talk(true, true);

  EXPECT_EQ(call.tell(room_moves{1, to_b}), "clock, move, make 2 at a after sdp1");
  EXPECT_EQ(call.made(2, "node-b"), "offer sdp2");
  EXPECT_EQ(call.answered("yes"), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "enter 2 a of 2 mute end");
  EXPECT_EQ(call.tell(entered{2, {}}), "close 1, moved");
  EXPECT_EQ(call.now.pursuit.now, phase::idle);
}

TEST(MediaPath, GoesToANewOwnerWhenItsLegIsLost) {
  path_player call;
  call.talk();

  EXPECT_EQ(call.tell(leg_lost{1}), "clock, locate a");
  EXPECT_EQ(call.not_found(errc::moving), "wait 0");
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.not_found(errc::moving), "wait 100");
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.found("node-b", 2), "move, make 2 at a after sdp1");
  EXPECT_EQ(call.made(2, "node-b"), "offer sdp2");
  EXPECT_EQ(call.answered(), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "enter 2 a of 2");
  EXPECT_EQ(call.tell(entered{2, {}}), "moved");
}

TEST(MediaPath, MovesToTheNextRoomWhenItLivesElsewhere) {
  path_player call;
  call.talk();
  EXPECT_EQ(call.tell(left_room{1, leave_reason::kicked}), "tell left_room");

  EXPECT_EQ(call.tell(join{{room_b}}), "clock, locate b");
  EXPECT_EQ(call.found("node-b"), "move, make 2 at b after sdp1");
  EXPECT_EQ(call.made(2, "node-b"), "offer sdp2");
  EXPECT_EQ(call.answered(), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "close 1, enter 2 b of 1");
  EXPECT_EQ(call.tell(entered{2, {}}), "moved, tell room_joined b");
}

TEST(MediaPath, RepeatsAnOfferThatMetAnotherOne) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");

  EXPECT_EQ(call.refused(), "wait 100");
  EXPECT_EQ(call.waited_long(), "offer sdp2");
  EXPECT_EQ(call.refused(), "wait 300");
  EXPECT_EQ(call.waited_long(), "offer sdp2");
  EXPECT_EQ(call.refused(), "wait 1000");
  EXPECT_EQ(call.waited_long(), "offer sdp2");
  EXPECT_EQ(call.refused(), "wait 1000");
  EXPECT_EQ(call.waited_long(), "offer sdp2");
  EXPECT_EQ(call.answered(), "complete 2 yes");
}

TEST(MediaPath, LeavesTheRoomWhenTheMediaCannotBeMovedInTime) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");
  call.refused();

  EXPECT_EQ(call.too_long(), "close 2, move_failed, exit 1");
  EXPECT_EQ(call.tell(left_room{1, leave_reason::requested}), "tell left_room !conference_unavailable");
  EXPECT_EQ(call.tell(join{{room_b}}), "clock, locate b");
  EXPECT_EQ(call.found("node-a"), "enter 1 b of 1");
}

TEST(MediaPath, LeavesTheRoomAtOnceWhenNoLegIsLeft) {
  path_player call;
  call.talk();
  call.tell(leg_lost{1});
  call.not_found(errc::moving);

  EXPECT_EQ(call.too_long(), "tell left_room !conference_unavailable");
  EXPECT_EQ(call.tell(join{{room_b}}), "clock, locate b");
  EXPECT_EQ(call.found("node-b"), "move, make 2 at b after sdp1");
}

TEST(MediaPath, FailsTheJoinThatNoNodeTakes) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});

  EXPECT_EQ(call.not_found(errc::conference_unavailable), "tell join_failed !conference_unavailable");
}

TEST(MediaPath, WaitsAsLongAsItsNodeIsHeldWhenTheCallerWasInTheRoom) {
  path_player call;
  call.talk();

  EXPECT_EQ(call.tell(leg_lost{1}), "clock, locate a");
  const auto first_clock = call.now.pursuit.deadline;
  EXPECT_EQ(call.not_found(errc::conference_unavailable), "clock, wait 200");
  EXPECT_EQ(call.tell(patience_over{first_clock}), "");
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.not_found(errc::conference_unavailable), "clock, wait 200");
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.found("node-b", 2), "move, make 2 at a after sdp1");
}

TEST(MediaPath, FailsTheJoinOfAFullRoomAtOnce) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});
  call.found("node-a");

  EXPECT_EQ(call.tell(entered{1, fail(errc::limit_reached, "full")}), "tell join_failed !limit_reached");
}

TEST(MediaPath, LooksAgainWhenTheRoomHasJustMoved) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});
  call.found("node-a");

  EXPECT_EQ(call.tell(entered{1, fail(errc::moved, "gone")}), "wait 0");
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.found("node-b", 2), "move, make 2 at a");
  EXPECT_EQ(call.made(2, "node-b"), "close 1, tell leg_replaced sdp2, enter 2 a of 2");
  EXPECT_EQ(call.tell(entered{2, {}}), "moved, tell room_joined a");
}

TEST(MediaPath, EntersANewRoomOfItsNodeWhenTheRoomFailed) {
  path_player call;
  call.talk();

  EXPECT_EQ(call.tell(left_room{1, leave_reason::room_lost}), "clock, locate a");
  EXPECT_EQ(call.found("node-a", 2), "enter 1 a of 2");
  EXPECT_EQ(call.tell(entered{1, {}}), "");
}

TEST(MediaPath, StartsOverWhileTheCallerRings) {
  path_player call;
  call.tell(place{room_a});

  EXPECT_EQ(call.made_not(1, errc::unavailable), "close 1, wait 0");
  EXPECT_EQ(call.waited_long(), "make 2 at a");
  EXPECT_EQ(call.made(2, "node-b"), "tell leg_opened sdp2");
}

TEST(MediaPath, MakesTheLegAnewWhenItIsLostBeforeTheAnswer) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});
  call.found("node-a");
  call.tell(entered{1, {}});

  EXPECT_EQ(call.tell(leg_lost{1}), "clock, locate a");
  EXPECT_EQ(call.found("node-b", 2), "move, make 2 at a");
  EXPECT_EQ(call.made(2, "node-b"), "tell leg_replaced sdp2, enter 2 a of 2");
}

TEST(MediaPath, OffersAnewWhenTheLegWasLostWhileTheAnswerWentOut) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});
  call.found("node-a");
  call.tell(entered{1, {}});
  call.tell(leg_lost{1});
  call.found("node-b", 2);

  call.tell(accepted{});

  EXPECT_EQ(call.made(2, "node-b"), "close 2, make 3 at a after sdp1");
  EXPECT_EQ(call.made(3, "node-b"), "offer sdp3");
}

TEST(MediaPath, FindsAnotherLegBetweenTwoRooms) {
  path_player call;
  call.talk();
  call.tell(left_room{1, leave_reason::kicked});

  EXPECT_EQ(call.tell(leg_lost{1}), "clock, move, make 2 at - after sdp1");
  EXPECT_EQ(call.made(2, "node-a"), "offer sdp2");
  EXPECT_EQ(call.answered(), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "moved");
}

TEST(MediaPath, TellsTheCallersLateAnswerToItsLeg) {
  path_player call;
  call.now.invite_has_offer = false;
  call.open();
  call.tell(accepted{});

  EXPECT_EQ(call.tell(complete{"theirs"}), "complete 1 theirs");
  EXPECT_EQ(call.tell(completed{1, {}}), "tell leg_completed");
}

TEST(MediaPath, OffersAgainWhenTheLegWasLostBeforeTheLateAnswer) {
  path_player call;
  call.now.invite_has_offer = false;
  call.open();
  call.tell(accepted{});
  call.tell(leg_lost{1});

  EXPECT_EQ(call.tell(complete{"theirs"}), "");
  EXPECT_EQ(call.made(2, "node-a"), "offer sdp2");
  EXPECT_EQ(call.answered(), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "tell leg_completed, moved");
}

TEST(MediaPath, AnswersTheCallersOfferThroughItsLeg) {
  path_player call;
  call.talk();

  EXPECT_EQ(call.tell(offer_received{"hold"}), "renegotiate 1");
  EXPECT_EQ(call.tell(offer_taken{1, sdp_session{7, 2, "held"}}), "answer held");
  EXPECT_EQ(call.tell(room_moves{1, to_b}), "clock, move, make 2 at a after held");
}

TEST(MediaPath, RefusesTheCallersOfferWhileTheMediaMoves) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});

  EXPECT_EQ(call.tell(offer_received{"hold"}), "refuse");
  call.made(2, "node-b");
  EXPECT_EQ(call.tell(offer_received{"hold"}), "refuse");
}

TEST(MediaPath, MovesOnlyWhenTheCallersOfferIsAnswered) {
  path_player call;
  call.talk();
  call.tell(offer_received{"hold"});

  EXPECT_EQ(call.tell(room_moves{1, to_b}), "clock");
  EXPECT_EQ(call.tell(offer_taken{1, sdp_session{7, 2, "held"}}), "answer held, locate a");
  EXPECT_EQ(call.found("node-b", 2), "move, make 2 at a after held");
}

TEST(MediaPath, TakesTheAnswerToAnOfferThatTheCallerAskedFor) {
  path_player call;
  call.talk();

  EXPECT_EQ(call.tell(offer_received{}), "renegotiate 1");
  EXPECT_EQ(call.tell(offer_taken{1, sdp_session{7, 2, "ours"}}), "answer ours");
  EXPECT_EQ(call.answered("theirs"), "complete 1 theirs");
  EXPECT_EQ(call.tell(completed{1, {}}), "");
}

TEST(MediaPath, KeepsWhatTheRoomChangedForTheNextJoin) {
  path_player call;
  call.talk();
  call.tell(participant_changed{1, {.muted = true}});
  call.tell(leg_lost{1});
  call.found("node-b", 2);
  call.made(2, "node-b");
  call.answered();

  EXPECT_EQ(call.tell(completed{2, {}}), "enter 2 a of 2 mute");
}

TEST(MediaPath, KeepsWhatTheRoomSaysBeforeItsAnswerIsHere) {
  path_player call;
  call.open();
  call.tell(join{{room_a}});
  call.found("node-a");
  call.tell(participant_changed{1, {.muted = true}});
  call.tell(entered{1, {}});
  call.tell(accepted{});
  call.tell(leg_lost{1});
  call.found("node-b", 2);
  call.made(2, "node-b");
  call.answered();

  EXPECT_EQ(call.tell(completed{2, {}}), "enter 2 a of 2 mute");
}

TEST(MediaPath, StopsMovingWhenTheCallerIsKickedFromTheOldRoom) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});

  EXPECT_EQ(call.tell(left_room{1, leave_reason::kicked}), "close 2, tell left_room");
  EXPECT_EQ(call.made(2, "node-b"), "");
}

TEST(MediaPath, BringsAnOfferToItsEndThatTheCallerMayHaveTaken) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");

  EXPECT_EQ(call.tell(left_room{1, leave_reason::kicked}), "tell left_room");
  EXPECT_EQ(call.tell(join{{room_b}}), "clock");
  EXPECT_EQ(call.answered(), "complete 2 yes");
  EXPECT_EQ(call.tell(completed{2, {}}), "close 1, locate b");
  EXPECT_EQ(call.found("node-b"), "enter 2 b of 1");
}

TEST(MediaPath, LosesTheNewLegAndTakesAnother) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");
  call.tell(leg_lost{2});

  EXPECT_EQ(call.answered(), "close 1, wait 0") << "the caller's media goes to a leg that is gone";
  EXPECT_EQ(call.waited_long(), "locate a");
  EXPECT_EQ(call.found("node-c", 3), "make 3 at a after sdp2");
}

TEST(MediaPath, IgnoresLegsThatAreNotTheCallersAnyMore) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");
  call.answered();
  call.tell(completed{2, {}});
  call.tell(entered{2, {}});

  EXPECT_EQ(call.tell(left_room{1, leave_reason::requested}), "");
  EXPECT_EQ(call.tell(media_timed_out{1}), "");
  EXPECT_EQ(call.tell(room_moves{1, to_b}), "");
  EXPECT_EQ(call.tell(leg_lost{1}), "");
  EXPECT_EQ(call.tell(media_timed_out{2}), "tell media_timeout");
}

TEST(MediaPath, FollowsARoomThatMovedBeforeItsAnswerCame) {
  path_player call;
  call.open();
  call.tell(accepted{});
  call.tell(join{{room_a}});
  call.found("node-a");

  EXPECT_EQ(call.tell(room_moves{1, to_b}), "");
  EXPECT_EQ(call.tell(entered{1, {}}), "tell room_joined a, clock, move, make 2 at a after sdp1");
}

TEST(MediaPath, LetsGoOfEveryLegWhenTheCallEndsWhileItMoves) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");

  EXPECT_EQ(call.tell(leave{}), "exit 1, close 2");
  EXPECT_EQ(call.tell(close{}), "close 1");
  EXPECT_EQ(call.answered(), "");
  EXPECT_EQ(call.too_long(), "");
}

TEST(MediaPath, HangsUpWhenTheCallersAnswerDoesNotFit) {
  path_player call;
  call.talk();
  call.tell(room_moves{1, to_b});
  call.made(2, "node-b");
  call.answered("no codec");

  EXPECT_EQ(call.tell(completed{2, fail(errc::not_acceptable, "no codec")}),
            "close 2, tell hang_up not_acceptable");
}

} // namespace
} // namespace plenary::media_path
