#include "tests/integration/partition/parted_cluster.hpp"

#include <algorithm>
#include <cstdlib>

namespace plenary::test::flapping_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr milliseconds flapping_period{3000};

/// bench/chaos/flapping sets 20: a minute.
int flapping_rounds() {
  const char* asked = std::getenv("PLENARY_TEST_FLAPPING_ROUNDS");
  return asked == nullptr ? 5 : std::max(1, std::atoi(asked));
}

/// Several rooms, each with a caller at both of the nodes that stay.
class FlappingNode : public PartedCluster {
protected:
  struct watched_room {
    std::string name;
    std::string first_owner;
    std::set<std::uint64_t> epochs; ///< that it was seen under
  };

  static constexpr std::size_t room_count = 5;

  static std::string opener(std::size_t index) { return fmt::format("+1555000100{}", index); }

  /// Opens the rooms; the node of the first of them will flap.
  void open_rooms() {
    std::map<std::string, nlohmann::json> documents;
    for (std::size_t i = 0; i < room_count; ++i)
      for (const auto digit : {0, 1, 2})
        documents[opener(10 * i + static_cast<std::size_t>(digit))] = conference(fmt::format("room_{}", i));
    answer_by_caller(std::move(documents));
    ASSERT_NO_FATAL_FAILURE(start());
    for (std::size_t i = 0; i < room_count; ++i) {
      openers.push_back(std::make_unique<rtp_caller>(caller(i % node_count, 0, opener(10 * i))));
      const auto name = fmt::format("room_{}", i);
      const auto where = open_room(*openers.back(), name);
      ASSERT_LT(where, node_count);
      rooms.push_back({name, node(where).name(), {}});
    }
    flapping = index_of(rooms.front().first_owner);
  }

  void bring_callers() {
    for (std::size_t i = 0; i < room_count; ++i)
      for (const std::size_t side : {0U, 1U}) {
        const auto number = opener(10 * i + 1 + side);
        callers.push_back(
            std::make_unique<rtp_caller>(caller(others(flapping)[side], side == 0 ? 440 : 700, number)));
        ASSERT_TRUE(callers.back()->call());
      }
    for (auto& each : openers)
      ASSERT_EQ(each->hang_up(), 200);
    ASSERT_TRUE(eventually([&] { return pairs_that_talk() == room_count; }, seconds(10)));
    for (auto& each : callers)
      each->watch_silence();
    note_epochs();
  }

  std::size_t pairs_that_talk() {
    std::size_t count = 0;
    for (std::size_t i = 0; i < room_count; ++i)
      count += callers[2 * i]->wait_for_tone(700, -35, milliseconds(0)) &&
                       callers[2 * i + 1]->wait_for_tone(440, -35, milliseconds(0))
                   ? 1U
                   : 0U;
    return count;
  }

  void note_epochs() {
    for (auto& each : rooms)
      for (const auto index : others(flapping)) {
        const auto document = node(index).get_json("/v1/rooms/" + each.name);
        if (document.is_object())
          each.epochs.insert(document.value("epoch", std::uint64_t{0}));
      }
  }

  /// Dead for half of the period, back for the other half.
  void flap() {
    const auto start = steady_clock::now();
    node(flapping).kill_at_once();
    eventually([&] {
      note_epochs();
      return since(start) >= flapping_period / 2;
    });
    ASSERT_TRUE(node(flapping).start()) << node(flapping).output();
    eventually([&] {
      note_epochs();
      return since(start) >= flapping_period;
    });
  }

  void TearDown() override {
    callers.clear();
    openers.clear();
    PartedCluster::TearDown();
  }

  std::size_t flapping = node_count;
  std::vector<watched_room> rooms;
  std::vector<std::unique_ptr<rtp_caller>> openers;
  std::vector<std::unique_ptr<rtp_caller>> callers;
};

TEST_F(FlappingNode, MovesEachRoomAtMostOnce) {
  ASSERT_NO_FATAL_FAILURE(open_rooms());
  ASSERT_NO_FATAL_FAILURE(bring_callers());
  const auto start = steady_clock::now();

  for (int round = 0; round < flapping_rounds(); ++round)
    ASSERT_NO_FATAL_FAILURE(flap());

  const auto took = since(start);
  EXPECT_TRUE(eventually([&] { return pairs_that_talk() == room_count; }));
  note_epochs();
  for (std::size_t i = 0; i < room_count; ++i) {
    const auto moves = rooms[i].epochs.size() - 1;
    fmt::print(
        "flapping: {} of {}: {} moves in {} rounds and {} ms, its callers heard nothing for {} and {} ms\n",
        rooms[i].name, rooms[i].first_owner, moves, flapping_rounds(), took.count(),
        callers[2 * i]->longest_silence().count(), callers[2 * i + 1]->longest_silence().count());
    EXPECT_LE(moves, 1U) << rooms[i].name;
    EXPECT_EQ(moves == 0, rooms[i].first_owner != node(flapping).name())
        << "only what was on the flapping node";
    for (const std::size_t side : {0U, 1U}) {
      EXPECT_LT(callers[2 * i + side]->longest_silence(), seconds(3));
      EXPECT_FALSE(callers[2 * i + side]->wait_for_bye(milliseconds(0)));
    }
  }
}

} // namespace

} // namespace plenary::test::flapping_test
