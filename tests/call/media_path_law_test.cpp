#include "tests/call/media_player.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>

namespace plenary::media_path {
namespace {

/// A caller, its nodes and its signalling: answers what the machine asks for, in any order and not always
/// well, and checks what must never happen.
class world {
public:
  explicit world(unsigned seed)
      : random_(seed) {}

  void start() {
    call_.now.invite_has_offer = random_() % 4 != 0;
    feed(place{room_a});
  }

  /// One thing happens: an answer that is due, or something unasked.
  void happen() {
    if (!due_.empty() && random_() % 4 != 0)
      return answer_one();
    feed(unasked());
  }

  /// The call ends; afterwards everything that is due is answered.
  void end() {
    ended_ = true;
    feed(leave{});
    feed(close{});
    while (!due_.empty())
      answer_one();
  }

  void check_end() const {
    EXPECT_TRUE(open_.empty()) << "legs that nobody closed";
    EXPECT_EQ(call_.now.pursuit.now, phase::idle);
  }

  int moved = 0;
  int told_rooms = 0;

private:
  std::uint32_t any_leg() { return static_cast<std::uint32_t>(random_() % (call_.now.legs.last_number + 1)); }

  error any_error() {
    constexpr errc codes[] = {errc::moving, errc::unavailable,   errc::timeout,
                              errc::moved,  errc::limit_reached, errc::conference_unavailable};
    return {codes[random_() % std::size(codes)], "no"};
  }

  std::string any_node() { return std::string{"node-"} + static_cast<char>('a' + random_() % 3); }

  event unasked() {
    switch (random_() % 14) {
    case 0:
      return lose(any_leg());
    case 1:
      return room_moves{any_leg(), {{any_node()}, 9}};
    case 2:
      return left_room{any_leg(), static_cast<leave_reason>(random_() % 4)};
    case 3:
      return participant_changed{any_leg(), {.muted = random_() % 2 == 0}};
    case 4:
      return offer_received{random_() % 3 ? std::optional<std::string>{"theirs"} : std::nullopt};
    case 5:
      return patience_over{call_.now.pursuit.deadline};
    case 6:
      return waited{random_() % 50};
    case 7:
      return entered{any_leg(), {}};
    case 8:
      return completed{any_leg(), {}};
    case 9:
      return leg_made{any_leg(), made_leg{{any_node()}, {}}};
    case 10:
      return located{random_() % 50, peer::room_place{{any_node()}, 1}};
    case 11:
      return offer_taken{any_leg(), tl::unexpected(any_error())};
    default:
      return accepted{};
    }
  }

  event lose(std::uint32_t number) {
    open_.erase(number);
    return leg_lost{number};
  }

  void answer_one() {
    auto at = due_.begin() + static_cast<std::ptrdiff_t>(random_() % due_.size());
    auto what = *at;
    due_.erase(at);
    feed(what);
  }

  void feed(const event& what) {
    const auto first = call_.all.size();
    call_.tell(what);
    const auto last = call_.all.size();
    for (auto i = first; i < last; ++i)
      std::visit([this](const auto& effect) { take(effect); }, call_.all[i]);
    check();
  }

  void check() const {
    EXPECT_LE(open_.size(), 3U) << "more than a current, an old and a new leg";
    if (call_.now.legs.current && call_.now.legs.next) {
      EXPECT_NE(call_.now.legs.current->number, call_.now.legs.next->number);
    }
    if (call_.now.legs.inside) {
      EXPECT_TRUE(call_.now.legs.inside == call_.now.legs.old ||
                  (call_.now.legs.current && call_.now.legs.inside == call_.now.legs.current->number));
    }
    EXPECT_EQ(call_.now.pursuit.now == phase::idle, call_.now.pursuit.deadline == 0);
  }

  void take(const locate& what) {
    if (random_() % 4 == 0)
      due_.push_back(located{what.turn, tl::unexpected(any_error())});
    else
      due_.push_back(located{what.turn, peer::room_place{{any_node()}, 1}});
  }
  void take(const make_leg& what) {
    EXPECT_FALSE(ended_);
    EXPECT_TRUE(made_.insert(what.number).second) << "a number twice";
    if (random_() % 5 == 0) {
      due_.push_back(leg_made{what.number, tl::unexpected(any_error())});
    } else {
      open_.insert(what.number);
      due_.push_back(leg_made{what.number, made_leg{{any_node()}, {7, what.number, "sdp"}}});
    }
  }
  void take(const send_offer&) {
    EXPECT_FALSE(std::any_of(due_.begin(), due_.end(), [](const event& each) {
      return std::holds_alternative<offer_answered>(each);
    })) << "two offers at once";
    if (random_() % 3 == 0)
      due_.push_back(offer_answered{tl::unexpected(any_error())});
    else
      due_.push_back(offer_answered{"yes"});
  }
  void take(const complete_leg& what) {
    if (random_() % 6 == 0)
      due_.push_back(completed{what.number, tl::unexpected(any_error())});
    else
      due_.push_back(completed{what.number, {}});
  }
  void take(const enter& what) {
    EXPECT_FALSE(ended_);
    EXPECT_TRUE(call_.now.legs.current && call_.now.legs.current->number == what.number);
    if (random_() % 5 == 0)
      due_.push_back(entered{what.number, tl::unexpected(any_error())});
    else
      due_.push_back(entered{what.number, {}});
  }
  void take(const exit_leg& what) { due_.push_back(left_room{what.number, leave_reason::requested}); }
  void take(const close_leg& what) { open_.erase(what.number); }
  void take(const renegotiate_leg& what) {
    due_.push_back(offer_taken{what.number, sdp_session{7, 9, "sdp"}});
  }
  void take(const wait& what) { due_.push_back(waited{what.turn}); }
  void take(const start_patience& what) {
    if (random_() % 10 == 0)
      due_.push_back(patience_over{what.clock});
  }
  void take(const move_ended& what) { moved += what.done ? 1 : 0; }
  void take(const tell& what) {
    if (const auto* first = std::get_if<opened>(&what.what)) {
      EXPECT_FALSE(std::exchange(placed_, true)) << "two first legs";
      if (first->leg)
        due_.push_back(join{{room_a}});
    }
    if (std::holds_alternative<joined>(what.what)) {
      EXPECT_FALSE(std::exchange(in_room_, true)) << "joined twice";
      ++told_rooms;
    }
    if (std::holds_alternative<left>(what.what)) {
      EXPECT_TRUE(std::exchange(in_room_, false)) << "left without being in";
      next_room();
    }
    if (std::holds_alternative<failed>(what.what)) {
      EXPECT_FALSE(in_room_);
      next_room();
    }
  }
  template <class Other>
  void take(const Other&) {}

  void next_room() {
    if (!ended_)
      due_.push_back(join{{room_b}});
  }

  std::mt19937 random_;
  path_player call_;
  std::vector<event> due_;
  std::set<std::uint32_t> made_;
  std::set<std::uint32_t> open_; ///< legs that exist
  bool ended_ = false, placed_ = false, in_room_ = false;
};

TEST(MediaPath, KeepsItsPromisesUnderRandomEvents) {
  int moved = 0;
  int joined = 0;
  for (unsigned seed = 0; seed < 1'600 && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    world call{seed};
    call.start();
    std::mt19937 length{seed};
    for (auto i = length() % 120; i > 0; --i)
      call.happen();

    call.end();

    call.check_end();
    moved += call.moved;
    joined += call.told_rooms;
  }
  EXPECT_GT(moved, 300);
  EXPECT_GT(joined, 1'500);
}

TEST(MediaPath, ChangesNothingForEventsWithoutMeaning) {
  path_player call;
  call.talk();
  const auto turn = call.now.pursuit.turn;

  const event nothing[] = {located{99, fail(errc::moved, "")},
                           leg_made{7, fail(errc::moved, "")},
                           completed{7, {}},
                           entered{7, {}},
                           left_room{7},
                           room_moves{7, {{"node-b"}, 2}},
                           participant_changed{7, {.muted = true}},
                           media_timed_out{7},
                           leg_lost{7},
                           offer_taken{1, fail(errc::moved, "")},
                           waited{turn},
                           patience_over{0},
                           offer_answered{"late"}};
  for (const auto& each : nothing)
    EXPECT_EQ(call.tell(each), "");

  EXPECT_EQ(call.now.pursuit.now, phase::idle);
  EXPECT_EQ(call.now.pursuit.turn, turn);
  EXPECT_FALSE(call.now.pursuit.wanted->how.muted);
}

} // namespace
} // namespace plenary::media_path
