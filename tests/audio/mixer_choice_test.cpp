#include "actors/audio/speaker_activity.hpp"
#include "actors/audio/speaker_selection.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

/// Packets as libopus makes them of steady noise at 24 kbit/s: 45 bytes, three more or less.
class noise_packets {
public:
  explicit noise_packets(unsigned seed)
      : random_(seed) {}

  preview operator()() {
    const auto bytes = std::lround(std::normal_distribution<double>{45, 3}(random_));
    return {true, false, std::nullopt, static_cast<std::uint16_t>(bytes)};
  }

private:
  std::mt19937 random_;
};

TEST(SpeakerSelection, KeepsTheLoudestAndReturnsTheOneWithoutAPlace) {
  speaker_selection selection{2};
  selection.begin();

  EXPECT_EQ(selection.enter({1, dbov{-30}, false, 0}), std::nullopt);
  EXPECT_EQ(selection.enter({2, dbov{-20}, false, 1}), std::nullopt);
  const auto loser = selection.enter({3, dbov{-25}, false, 2});

  ASSERT_TRUE(loser);
  EXPECT_EQ(loser->speaker, 1U);
  EXPECT_EQ(selection.chosen()[0].speaker, 2U);
  EXPECT_EQ(selection.chosen()[1].speaker, 3U);
}

TEST(SpeakerSelection, NeedsAChallengerToBeClearlyLouder) {
  for (const float challenge : {-30.0F, -25.0F, -23.0F}) {
    speaker_selection selection{1};
    selection.enter({1, dbov{-30}, true, 0});

    selection.enter({2, dbov{challenge}, false, 1});

    EXPECT_EQ(selection.chosen()[0].speaker, challenge > -24 ? 2U : 1U) << challenge;
  }
}

/// True when the frame is worth decoding though no place is free.
bool is_urgent(const std::optional<decode_wish>& wish) {
  return wish && !wish->idle;
}

TEST(SpeakerActivity, DozesAfter200MillisecondsOfQuietNoiseAndIsThenOnlyProbedWhenNoPlaceIsFree) {
  speaker_activity activity;
  noise_packets packets{1};
  int decoded = 0;

  for (std::uint64_t turn = 0; turn < 1010; ++turn)
    if (is_urgent(activity.consider(packets(), false, turn))) {
      ++decoded;
      activity.heard(dbov{-50}, false);
    }

  // One in eight, and now and then a packet that is larger than usual.
  EXPECT_TRUE(activity.is_dozing());
  EXPECT_LE(decoded, 10 + 1000 / 8 + 1000 / 20);
}

TEST(SpeakerActivity, WakesOnTheFirstPacketThatIsClearlyLarger) {
  for (std::uint64_t phase = 0; phase < 8; ++phase) {
    speaker_activity activity;
    noise_packets packets{static_cast<unsigned>(phase)};
    for (std::uint64_t turn = 0; turn < 200 + phase; ++turn)
      if (is_urgent(activity.consider(packets(), false, turn)))
        activity.heard(dbov{-50}, false);

    const auto wish = activity.consider({true, false, std::nullopt, 60}, false, 200 + phase);

    EXPECT_TRUE(is_urgent(wish)) << phase;
  }
}

TEST(SpeakerActivity, DecodesPacketsOfConstantSizeEverySecondTick) {
  speaker_activity activity;
  int decoded = 0;
  for (std::uint64_t turn = 0; turn < 400; ++turn)
    if (is_urgent(activity.consider({true, false, std::nullopt, 160}, false, turn))) {
      decoded += turn >= 200 ? 1 : 0;
      activity.heard(dbov{-60}, false);
    }

  EXPECT_EQ(decoded, 100);
}

TEST(SpeakerActivity, TellsQuietSpeechFromBackgroundOnAQuietLineOnly) {
  speaker_activity quiet_line;
  speaker_activity noisy_line;
  for (int i = 0; i < 50; ++i) {
    quiet_line.heard(dbov{-75}, false);
    noisy_line.heard(dbov{-50}, false);
  }

  EXPECT_EQ(quiet_line.heard(dbov{-48}, false), sounding::speech);
  EXPECT_EQ(noisy_line.heard(dbov{-48}, false), sounding::background);
  EXPECT_EQ(noisy_line.heard(dbov{-40}, false), sounding::speech);
  EXPECT_EQ(quiet_line.heard(dbov{-69}, false), sounding::nothing);
}

TEST(SpeakerActivity, StopsToBelieveALegThatAlwaysClaimsToBeLoud) {
  speaker_activity liar;
  const preview claim{true, false, std::uint8_t{0}, 80};
  for (std::uint64_t turn = 0; turn < 52; ++turn)
    if (liar.consider(claim, false, turn))
      liar.heard(dbov{-70}, false);

  const auto wish = liar.consider(claim, false, 52);

  ASSERT_TRUE(wish);
  EXPECT_FALSE(wish->level_known);
}

TEST(SpeakerActivity, ConcealsOnlyWhoIsBeingHeard) {
  speaker_activity activity;
  const preview lost{true, true, std::nullopt, 0};

  EXPECT_FALSE(activity.consider(lost, false, 0));
  EXPECT_TRUE(activity.consider(lost, true, 1));
}

TEST(SpeakerActivity, ProbesADecoderThatHasToComeRightFirstLessOften) {
  speaker_activity activity;
  const preview skipped{true, false, std::nullopt, 160, std::nullopt, false, true};
  int urgent = 0;
  for (std::uint64_t turn = 0; turn < 400; ++turn)
    if (is_urgent(activity.consider(skipped, false, turn))) {
      urgent += turn >= 200 ? 1 : 0;
      activity.heard(dbov{-60}, false);
    }

  EXPECT_EQ(urgent, 25);
}

TEST(Mixer, HearsTheBackgroundOfAllForWhomThereIsAPlace) {
  mixed_room room{{3, 5, 100}};
  std::vector<person*> people;
  for (unsigned i = 0; i < 3; ++i) {
    people.push_back(&room.enter());
    people.back()->says(400 + 300 * i, 100); // -53 dBov
    people.back()->announces(90);
  }
  auto& listener = room.enter(pcma_format);

  room.run(100);

  for (unsigned i = 0; i < 3; ++i) {
    EXPECT_NEAR(amplitude_at(listener.sink.last(20), 400 + 300 * i), 100, 10) << i;
    EXPECT_FALSE(room.is_speaking(*people[i])) << i;
  }
}

TEST(Mixer, LeavesOutTheQuietestWhenMoreSoundThanThereArePlaces) {
  mixed_room room{{2, 5, 100}};
  auto& background = room.enter();
  auto& listener = room.enter(pcma_format);
  background.says(400, 100);
  room.run(50);
  room.enter().says(700, loud);
  room.enter().says(1100, loud);

  room.run(50);

  EXPECT_LT(amplitude_at(listener.sink.last(20), 400), 10);
  EXPECT_NEAR(amplitude_at(listener.sink.last(20), 1100), loud, 0.1 * loud);
}

TEST(Mixer, DoesNotDecodeTwoHundredNoisyMembersEveryTick) {
  mixed_room room;
  for (unsigned i = 0; i < 200; ++i) {
    auto& noisy = room.enter(pcma_format);
    noisy.says_noise(i, 100);
    noisy.source.announce = [packets = noise_packets{i}]() mutable { return packets(); };
  }
  room.run(60);

  const auto report = room.run(8);

  EXPECT_LE(report.decoded / 8, 40U + 5U);
  EXPECT_LE(report.encoded / 8, 6U);
}

TEST(Mixer, HearsANewTalkerAmongNoisyMembersOnTheFirstGrownPacket) {
  mixed_room room;
  auto& listener = room.enter(pcma_format);
  std::vector<person*> people;
  for (unsigned i = 0; i < 20; ++i) {
    people.push_back(&room.enter());
    people.back()->says_noise(i, 100);
    people.back()->source.announce = [packets = noise_packets{i}]() mutable { return packets(); };
  }
  room.run(40);

  people[7]->says(400, loud);
  people[7]->source.announce = [] { return preview{true, false, std::nullopt, 62}; };
  room.run(1);

  EXPECT_TRUE(room.is_speaking(*people[7]));
  EXPECT_GT(rms(listener.sink.last(1)), loud / 4);
}

TEST(MixerChoice, HearsTheLowerNumberAmongEqualsWhicheverSlotItHas) {
  for (const bool first_is_lower : {true, false}) {
    mixer room{{.loudest = 1}};
    person one{pcmu_format};
    person other{pcmu_format};
    auto io = one.io();
    io.number = first_is_lower ? 3 : 9;
    const auto of_one = room.add(io).value();
    io = other.io();
    io.number = first_is_lower ? 9 : 3;
    const auto of_other = room.add(io).value();
    one.says(400, loud);
    other.says(400, loud);

    mono_time now{};
    for (std::uint64_t number = 1; number <= 20; ++number, now += frame_duration)
      room.tick(now, number);

    EXPECT_EQ(room.is_speaking(of_one), first_is_lower);
    EXPECT_EQ(room.is_speaking(of_other), !first_is_lower);
  }
}

} // namespace
} // namespace plenary::audio
