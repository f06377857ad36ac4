#include "mixed_room.hpp"

#include <gtest/gtest.h>

#include <array>

namespace plenary::audio {
namespace {

const ear deaf{.room = false};
const ear at_half{.gain = 0.5F};
const ear at_double{.gain = 2};
const std::array every_format{opus_format, g722_format, pcmu_format, pcma_format};

/// Amplitude of what is left of a tone that is not heard, with what the codecs add.
constexpr double unheard = 40;

TEST(MixerEar, HearsNobodyAndIsHeardByAllWhenTheRoomIsOff) {
  for (const auto& format : every_format) {
    mixed_room room;
    auto& talker = room.enter(format);
    auto& alone = room.enter(format, deaf);
    auto& witness = room.enter(format);
    talker.says(400, loud);
    alone.says(700, loud);

    room.run(50);

    EXPECT_LT(amplitude_at(alone.sink.last(20), 400), unheard) << sdp_name(format.codec);
    EXPECT_LT(amplitude_at(alone.sink.last(20), 700), unheard) << sdp_name(format.codec);
    EXPECT_NEAR(amplitude_at(witness.sink.last(20), 700), loud, 0.2 * loud) << sdp_name(format.codec);
    EXPECT_NEAR(amplitude_at(talker.sink.last(20), 700), loud, 0.2 * loud) << sdp_name(format.codec);
  }
}

TEST(MixerEar, HearsEverybodyAsLoudAsItsGainSays) {
  for (const auto& format : every_format) {
    mixed_room room;
    auto& talker = room.enter();
    auto& soft = room.enter(format, at_half);
    auto& strong = room.enter(format, at_double);
    talker.says(400, loud);

    room.run(50);

    EXPECT_NEAR(amplitude_at(soft.sink.last(20), 400), loud / 2, 0.15 * loud) << sdp_name(format.codec);
    EXPECT_NEAR(amplitude_at(strong.sink.last(20), 400), loud * 2, 0.3 * loud) << sdp_name(format.codec);
  }
}

TEST(MixerEar, StaysBelowFullScaleHoweverLoudItIsMade) {
  mixed_room room;
  auto& one = room.enter(pcmu_format);
  auto& other = room.enter(pcmu_format);
  auto& strong = room.enter(pcmu_format, ear{.gain = 4});
  one.says(400, 30000);
  other.says(700, 30000);

  room.run(50);

  const auto heard = strong.sink.last(20);
  const auto highest =
      std::max_element(heard.begin(), heard.end(), [](int a, int b) { return std::abs(a) < std::abs(b); });
  EXPECT_LT(std::abs(int{*highest}), 32000);
  EXPECT_GT(std::abs(int{*highest}), 20000);
}

TEST(MixerEar, ChangesNothingForAnybodyElse) {
  const auto run = [](const ear& hears) {
    mixed_room room;
    auto& talker = room.enter();
    auto& listener = room.enter();
    room.enter(opus_format, hears);
    talker.says(400, loud);
    std::vector<std::vector<std::uint8_t>> sent;
    for (int tick = 0; tick < 40; ++tick) {
      room.run();
      sent.push_back(listener.sink.latest);
      sent.push_back(talker.sink.latest);
    }
    return sent;
  };

  const auto plain = run({});

  EXPECT_EQ(plain, run(deaf));
  EXPECT_EQ(plain, run(at_half));
}

TEST(MixerEar, CostsWhatATalkerCostsAndNothingWhenItHearsNobody) {
  mixed_room room;
  auto& talker = room.enter();
  room.enter();
  room.enter();
  talker.says(400, loud);
  room.run(50);
  const auto shared = room.run().encoded;

  auto& soft = room.enter(opus_format, at_half);
  room.run(10);
  const auto with_own_gain = room.run().encoded;
  ASSERT_TRUE(room.gives(soft, deaf));
  room.run(50);

  EXPECT_EQ(shared, 1U);
  EXPECT_EQ(with_own_gain, 2U);
  EXPECT_EQ(room.run().encoded, 1U);
}

TEST(MixerEar, ChangesWithoutAClickWhileSomebodyTalks) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter(pcmu_format);
  room.enter(pcmu_format);
  talker.says(400, loud);
  room.run(50);

  // A click is a step from sample to sample that the tone itself never makes.
  for (const auto& next : {deaf, ear{}, at_double, at_half, deaf, at_double, ear{}}) {
    ASSERT_TRUE(room.gives(listener, next));
    room.run(6);
    const auto heard = listener.sink.last(6);
    int step = 0;
    for (std::size_t i = 1; i < heard.size(); ++i)
      step = std::max(step, std::abs(heard[i] - heard[i - 1]));
    EXPECT_LT(step, 2 * loud * 2 * std::numbers::pi * 400 / sample_rate * 1.5 + 700);
  }
}

TEST(MixerEar, GoesBackToTheSharedStreamInTheNextSilence) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();
  room.enter();
  talker.says(400, loud);
  room.run(30);
  ASSERT_TRUE(room.gives(listener, at_half));
  room.run(30);
  const auto apart = room.run().encoded;

  ASSERT_TRUE(room.gives(listener, {}));
  talker.is_silent();
  room.run(60);
  talker.says(400, loud);
  room.run(30);

  EXPECT_EQ(apart, 2U);
  EXPECT_EQ(room.run().encoded, 1U);
  EXPECT_NEAR(amplitude_at(listener.sink.last(10), 400), loud, 0.2 * loud);
}

TEST(MixerEar, KeepsItsWayOverAChangeOfCodecAndOverAHold) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter(pcmu_format, deaf);
  talker.says(400, loud);
  room.run(20);

  auto held = listener.io(false, deaf);
  held.sink = nullptr;
  ASSERT_TRUE(room.mixer().update(listener.slot, held));
  room.run(5);
  ASSERT_TRUE(room.gives(listener, deaf));
  room.run(20);

  EXPECT_LT(amplitude_at(listener.sink.last(15), 400), unheard);
}

TEST(MixerEar, IsRefusedBeyondItsLimitAndThenNothingHasChanged) {
  mixed_room room{{.private_ears = 2}};
  auto& talker = room.enter();
  auto& first = room.enter(opus_format, at_half);
  room.enter(pcmu_format, deaf);
  auto& third = room.enter();
  talker.says(400, loud);

  const auto refused = room.mixer().update(third.slot, third.io(false, deaf));
  person late{opus_format};
  const auto turned_away = room.mixer().add(late.io(false, deaf));
  room.run(30);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  ASSERT_FALSE(turned_away);
  EXPECT_EQ(turned_away.error().code, errc::limit_reached);
  EXPECT_EQ(room.mixer().size(), 4U);
  EXPECT_NEAR(amplitude_at(third.sink.last(10), 400), loud, 0.2 * loud);
  EXPECT_TRUE(room.gives(first, deaf)) << "who has one may change it";
  EXPECT_TRUE(room.gives(first, {}));
  EXPECT_TRUE(room.gives(third, deaf)) << "one became free";
  room.leave(third);
  EXPECT_TRUE(room.gives(first, deaf)) << "one became free again";
}

/// Whatever the order in which people come, talk, change and go: who is deaf hears nobody, everybody else
/// hears the one who talks.
TEST(MixerEar, HoldsForEverybodyInAnyOrder) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random{seed};
    mixed_room room{{.loudest = 2, .private_ears = 6}};
    struct guest {
      person* who;
      ear hears;
    };
    auto& talker = room.enter();
    talker.says(400, loud);
    std::vector<guest> guests;
    for (int step = 0; step < 60; ++step) {
      const auto dice = random() % 10;
      const ear wanted = random() % 2 == 0 ? deaf : ear{};
      if (guests.size() < 3 || dice == 0) {
        const bool free = std::count_if(guests.begin(), guests.end(),
                                        [](const guest& each) { return !is_shared(each.hears); }) < 6;
        const auto hears = free ? wanted : ear{};
        guests.push_back({&room.enter(every_format[random() % 4], hears), hears});
      } else if (dice == 1) {
        room.leave(*guests.back().who);
        guests.pop_back();
      } else if (auto& chosen = guests[random() % guests.size()]; dice < 5) {
        chosen.who->source.script ? chosen.who->is_silent() : chosen.who->says(900, loud / 4);
      } else if (room.gives(*chosen.who, wanted)) {
        chosen.hears = wanted;
      }
      room.run(static_cast<int>(random() % 4));
    }
    room.run(12);
    for (const auto& each : guests) {
      const double heard = amplitude_at(each.who->sink.last(8), 400);
      if (each.hears.room)
        EXPECT_NEAR(heard, loud, 0.25 * loud);
      else
        EXPECT_LT(heard, unheard);
    }
  }
}

} // namespace
} // namespace plenary::audio
