#include "actors/call/activity.hpp"
#include "actors/call/dialog.hpp"
#include "actors/call/story.hpp"
#include "schema/hangup_causes.hpp"
#include "tests/call/two_rooms.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <utility>
#include <vector>

namespace plenary::call_machine {
namespace {

using phase = dialog::phase;
using leg_phase = dialog::leg_phase;
using step = dialog::step;

constexpr phase all_phases[] = {phase::offered,    phase::alerting, phase::answering, phase::accepted,
                                phase::completing, phase::up,       phase::over};

dialog standing(phase now, leg_phase leg, bool late_offer = false) {
  return {now, leg, late_offer, "sdp"};
}

TEST(Dialog, AsksForALegAndForNothingElseWhereMediaIsNeeded) {
  for (const auto what : {needs::media, needs::answer})
    for (const auto now : all_phases) {
      EXPECT_EQ(standing(now, leg_phase::none).toward(what), step::place);
      EXPECT_EQ(standing(now, leg_phase::placing).toward(what), step::wait);
    }
}

TEST(Dialog, LetsAnActionBeginWhenTheCallersSideStandsAsItNeeds) {
  for (const bool late_offer : {false, true})
    for (const auto now : all_phases) {
      const auto with_leg = standing(now, leg_phase::open, late_offer);
      const auto to_answer = now == phase::up         ? step::begin
                             : now == phase::alerting ? step::answer
                                                      : step::wait;

      EXPECT_EQ(with_leg.toward(needs::answer), to_answer);
      EXPECT_EQ(with_leg.toward(needs::media), late_offer ? to_answer : step::begin)
          << "who has not said how it can hear is answered first";
      for (const auto leg : {leg_phase::none, leg_phase::placing, leg_phase::open})
        EXPECT_EQ(standing(now, leg, late_offer).toward(needs::nothing), step::begin);
    }
}

TEST(Dialog, HangsUpOnWhomItAcceptedAndRefusesAllOthersOnce) {
  for (const auto now : all_phases) {
    auto caller = standing(now, leg_phase::open);
    const bool accepted = now == phase::accepted || now == phase::completing || now == phase::up;

    const auto said = caller.dismiss(cause_named("media_timeout"), std::nullopt);

    ASSERT_EQ(said.has_value(), now != phase::over);
    if (said) {
      EXPECT_EQ(std::holds_alternative<hang_up>(*said), accepted);
    }
    EXPECT_EQ(caller.now, phase::over);
    EXPECT_FALSE(caller.dismiss(cause_named("media_timeout"), std::nullopt));
  }
}

TEST(Dialog, KeepsTheLatestDescriptionUntilItIsSent) {
  for (const auto now : all_phases)
    for (const auto leg : {leg_phase::none, leg_phase::placing, leg_phase::open}) {
      auto caller = standing(now, leg);
      caller.replaced("another");
      const bool may = leg == leg_phase::open && now < phase::accepted;
      EXPECT_EQ(caller.sdp, may ? "another" : "sdp");
    }
}

TEST(Dialog, TakesTheLegThatItAskedForAndNoOther) {
  for (const auto leg : {leg_phase::none, leg_phase::placing, leg_phase::open})
    for (const bool made : {true, false}) {
      auto caller = standing(phase::alerting, leg);

      const bool taken = caller.opened(made ? result<media_path::opened_leg>{{"ours", true}}
                                            : fail(errc::limit_reached, "no port"));

      EXPECT_EQ(taken, leg == leg_phase::placing);
      if (taken) {
        EXPECT_EQ(caller.leg, made ? leg_phase::open : leg_phase::none);
        EXPECT_EQ(caller.sdp, made ? "ours" : "sdp");
        EXPECT_EQ(caller.close().has_value(), made);
        EXPECT_FALSE(caller.close()) << "closed twice";
      } else {
        EXPECT_EQ(caller.leg, leg);
      }
    }
}

// -- the story ----------------------------------------------------------------------------------------------

constexpr wall_time noon{std::chrono::sys_days{std::chrono::May / 29 / 2026} + std::chrono::hours{12}};

/// How a story that is in this phase, with this commit under way, hears of the commit's end.
struct story_row {
  story::phase now;
  story::telling committing;
  bool stored;
  story::upshot upshot;
  story::phase after;
};

TEST(Story, MakesOfEachCommitWhatItMeans) {
  using enum story::phase;
  using tells = story::telling;
  using upshot = story::upshot;
  const story_row rows[] = {
      {untold, tells::nothing, true, upshot::nothing, untold},
      {running, tells::nothing, false, upshot::nothing, running},
      {running, tells::created, true, upshot::created, running},
      {running, tells::created, false, upshot::over, over},
      {closing, tells::created, true, upshot::end_is_due, closing},
      {closing, tells::created, false, upshot::over, over},
      {running, tells::answered, true, upshot::answered, running},
      {running, tells::answered, false, upshot::taken_back, running},
      {closing, tells::answered, true, upshot::end_is_due, closing},
      {closing, tells::answered, false, upshot::end_is_due, closing},
      {ending, tells::end, true, upshot::over, over},
      {ending, tells::end, false, upshot::over, over},
      {over, tells::nothing, true, upshot::nothing, over},
  };
  for (const auto& each : rows) {
    story told;
    told.now = each.now;
    told.committing = each.committing;
    told.record.last_sequence = 2;
    told.record.answered_at = noon;
    const bool taken_back =
        !each.stored && (each.committing == tells::created || each.committing == tells::answered);

    EXPECT_EQ(told.committed(each.stored), each.upshot);
    EXPECT_EQ(told.now, each.after);
    EXPECT_EQ(told.committing, tells::nothing);
    EXPECT_EQ(told.record.last_sequence, taken_back ? 1U : 2U);
    EXPECT_EQ(told.record.answered_at.has_value(), !taken_back);
  }
}

TEST(Story, EndsOnceAndForTheFirstCause) {
  for (const auto now : {story::phase::untold, story::phase::running, story::phase::closing,
                         story::phase::ending, story::phase::over}) {
    story told;
    told.now = now;
    const bool may = now == story::phase::running;

    EXPECT_EQ(told.end(cause_named("media_timeout"), call_ending::node), may);
    EXPECT_EQ(told.now, may ? story::phase::closing : now);
    EXPECT_FALSE(told.end(cause_named("normal_clearing"), call_ending::api));
    EXPECT_EQ(told.cause.has_value(), may);
  }
}

TEST(Story, TellsItsEndWhenNoOtherCommitIsUnderWay) {
  story told;
  const auto first = told.create(noon);
  told.end(cause_named("originator_cancel"), call_ending::caller);
  EXPECT_FALSE(told.tell_end(noon, std::nullopt));

  ASSERT_EQ(told.committed(true), story::upshot::end_is_due);
  const auto last = told.tell_end(noon, std::nullopt);

  ASSERT_TRUE(last);
  EXPECT_EQ(first.events.at(0).name, "call.created");
  EXPECT_EQ(last->events.at(0).name, "call.canceled");
  EXPECT_EQ(last->events.at(0).sequence, 2U);
  EXPECT_FALSE(told.tell_end(noon, std::nullopt)) << "told twice";
}

TEST(Story, IsResumedOnlyWhereItHasNoEnd) {
  for (const auto status : {call_status::ringing, call_status::in_progress, call_status::completed,
                            call_status::failed, call_status::canceled}) {
    story told;
    told.record.status = status;
    EXPECT_EQ(told.resume(), !is_terminal(status));
    EXPECT_FALSE(told.resume()) << "it is running, or has its end";
  }
}

} // namespace
} // namespace plenary::call_machine

namespace plenary::activity {
namespace {

call_record a_call() {
  call_record record;
  record.customer = {"cust"};
  record.from = "+15550000001";
  return record;
}

state in(const room_key& room, bool is_in) {
  in_room doing{flow::conference{room.name, {}}, a_call()};
  doing.is_in = is_in;
  return doing;
}

TEST(Activity, BeginsAConferenceWithTheActionsMannersAndTheCallsNumber) {
  participation how{.muted = true, .end_on_exit = true, .label = "desk"};

  const auto begun = begin(flow::conference{"a", how}, a_call());

  how.number = "+15550000001";
  ASSERT_EQ(begun.wants.size(), 1U);
  EXPECT_EQ(std::get<join>(begun.wants[0]).room, room_a);
  EXPECT_EQ(std::get<join>(begun.wants[0]).how, how);
  EXPECT_EQ(needs_of(flow::conference{"a", how}), call_machine::needs::media);
}

/// One event for one state: the effect, as its index in `effect`, and whether the action still runs.
struct activity_row {
  state before;
  event what;
  std::optional<std::size_t> wants;
  bool runs_on;
};

TEST(Activity, MakesOfEachEventWhatItMeansToTheAction) {
  const error full{errc::limit_reached, "full"};
  const auto nothing = std::nullopt;
  const std::size_t leaves = effect{leave{}}.index(), stands = effect{standing{}}.index(),
                    ends = effect{finished{}}.index();
  const activity_row rows[] = {
      {idle{}, joined{room_a}, nothing, false},
      {idle{}, failed{full}, nothing, false},
      {idle{}, left{}, nothing, false},
      {idle{}, stopped{}, nothing, false},
      {in(room_a, false), joined{room_a}, stands, true},
      {in(room_a, false), failed{full}, ends, false},
      {in(room_a, false), left{}, nothing, true},
      {in(room_a, false), stopped{}, leaves, false},
      {in(room_a, true), joined{room_a}, nothing, true},
      {in(room_a, true), failed{full}, nothing, true},
      {in(room_a, true), left{}, ends, false},
      {in(room_a, true), stopped{}, leaves, false},
  };
  for (const auto& each : rows) {
    SCOPED_TRACE(fmt::format("state {} event {}", each.before.index(), each.what.index()));

    const auto after = step(each.before, each.what);

    ASSERT_EQ(after.wants.size(), each.wants ? 1U : 0U);
    if (each.wants) {
      EXPECT_EQ(after.wants[0].index(), *each.wants);
    }
    EXPECT_EQ(std::holds_alternative<in_room>(after.next), each.runs_on);
  }
}

TEST(Activity, TellsWhyAConferenceIsOver) {
  const error full{errc::limit_reached, "full"};
  const call_failure told{failure_code::conference_unavailable, errc::limit_reached, "full"};
  const auto end_of = [](bool is_in, const event& what) {
    return std::get<finished>(step(in(room_a, is_in), what).wants.at(0));
  };

  const auto kept_out = end_of(false, failed{full});
  const auto lost = end_of(true, left{full});
  const auto removed = end_of(true, left{});

  EXPECT_EQ(kept_out.failure, told);
  EXPECT_TRUE(kept_out.refuses);
  EXPECT_EQ(lost.failure, told);
  EXPECT_FALSE(lost.refuses);
  EXPECT_EQ(removed.failure, std::nullopt);
  for (const auto& each : {kept_out, lost, removed})
    EXPECT_EQ(each.by, call_ending::room);
}

} // namespace
} // namespace plenary::activity
