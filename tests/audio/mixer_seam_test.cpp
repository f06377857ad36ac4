#include "mixed_room.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

/// How far a decoded tone is from a steady sine: the largest error of x[n+1] = 2 cos(w) x[n] - x[n-1].
double roughness(std::span<const std::int16_t> pcm, double hz) {
  const double factor = 2 * std::cos(2 * std::numbers::pi * hz / sample_rate);
  double largest = 0;
  for (std::size_t i = 2; i < pcm.size(); ++i)
    largest = std::max(largest, std::abs(pcm[i] - factor * pcm[i - 1] + pcm[i - 2]));
  return largest;
}

TEST(MixerSeam, IsNotHeardWhenAListenerStartsToTalk) {
  for (const auto& format : {opus_format, g722_format, pcmu_format}) {
    mixed_room room;
    auto& talker = room.enter();
    auto& listener = room.enter(format);
    auto& witness = room.enter(format);
    talker.says(400, loud);
    room.run(60);
    const double steady = roughness(listener.sink.last(20), 400);

    listener.says(700, loud);
    room.run(10);

    // The exact mix-minus is the same tone as before, so the far decoder must not notice the change of
    // encoder.
    EXPECT_LE(roughness(listener.sink.last(12), 400), 1.5 * steady + 8) << sdp_name(format.codec);
    EXPECT_NEAR(amplitude_at(witness.sink.last(5), 700), loud, 0.25 * loud) << sdp_name(format.codec);
  }
}

TEST(MixerSeam, KeepsTheOwnStreamOfATalkerUntilTheRoomIsSilent) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();
  room.enter();
  talker.says(400, loud);
  listener.says(700, loud);
  room.run(30);

  listener.is_silent();
  room.run(30);
  const auto lingering = room.run().encoded;
  talker.is_silent();
  room.run(60);
  talker.says(400, loud);
  room.run(20);

  // Two who hear the same tone with encoders of their own, then all who listen share one.
  EXPECT_EQ(lingering, 2U);
  EXPECT_EQ(room.run().encoded, 1U);
}

TEST(MixerSeam, TakesATalkerBackIntoTheSharedStreamWithinSecondsEvenWithoutSilence) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();
  room.enter();
  talker.source.script = [voice = speech{5}]() mutable { return voice.next(); };
  listener.says(700, loud);
  room.run(30);

  listener.is_silent();
  room.run(400);

  EXPECT_EQ(room.run().encoded, 1U);
}

TEST(MixerSeam, GivesEveryNewTalkerItsOwnStreamThoughManyTookTurns) {
  mixed_room room{{2, 5, 100}};
  std::vector<person*> people;
  for (int i = 0; i < 12; ++i)
    people.push_back(&room.enter());
  people[0]->says(400, loud);

  for (std::size_t turn = 1; turn < people.size(); ++turn) {
    people[turn]->says(700, loud);
    room.run(25);
    EXPECT_LT(amplitude_at(people[turn]->sink.last(5), 700), loud / 10) << turn;
    EXPECT_GT(amplitude_at(people[turn]->sink.last(5), 400), loud / 2) << turn;
    people[turn]->is_silent();
    room.run(21);
  }

  // Two talkers at most, the shared stream, and two who still wait for a silence.
  EXPECT_LE(room.run().encoded, 5U);
}

TEST(MixerSeam, LeavesTheSharedEncoderAloneWhenNobodyListensToIt) {
  mixed_room room;
  for (const double hz : {400.0, 700.0})
    room.enter().says(hz, loud);
  room.run(30);

  EXPECT_EQ(room.run().encoded, 2U);
}

} // namespace
} // namespace plenary::audio
