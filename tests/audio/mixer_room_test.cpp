#include "mixed_room.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

// 20 dB below: what is left of a tone that should not be there.
constexpr double absent = loud / 30;

TEST(Mixer, LetsEachTalkerHearAllOthersAndNeverItself) {
  mixed_room room;
  const std::vector<double> tones{400, 700, 1100};
  std::vector<person*> people;
  for (const auto hz : tones) {
    people.push_back(&room.enter());
    people.back()->says(hz, loud);
  }
  auto& listener = room.enter();

  room.run(50);

  for (std::size_t self = 0; self < tones.size(); ++self)
    for (std::size_t other = 0; other < tones.size(); ++other) {
      const auto heard = amplitude_at(people[self]->sink.last(10), tones[other]);
      if (self == other)
        EXPECT_LT(heard, absent) << tones[self];
      else
        EXPECT_NEAR(heard, loud, 0.2 * loud) << tones[self] << " hears " << tones[other];
    }
  for (const auto hz : tones)
    EXPECT_NEAR(amplitude_at(listener.sink.last(10), hz), loud, 0.2 * loud);
}

TEST(Mixer, MixesAllCodecsAtEqualLoudness) {
  mixed_room room;
  auto& talker = room.enter(pcmu_format);
  std::vector<person*> listeners;
  for (const auto& format : {opus_format, g722_format, pcmu_format, pcma_format})
    listeners.push_back(&room.enter(format));
  talker.says(1000, loud);

  room.run(50);

  for (const auto* listener : listeners)
    EXPECT_NEAR(amplitude_at(listener->sink.last(10), 1000), loud, 0.12 * loud)
        << sdp_name(listener->format.codec);
}

TEST(Mixer, EncodesOnceForAllWhoHearTheSameInTheSameEncoding) {
  mixed_room room;
  auto& talker = room.enter();
  for (int i = 0; i < 20; ++i)
    room.enter(i % 2 == 0 ? opus_format : pcma_format);
  talker.says(400, loud);
  room.run(50);

  const auto report = room.run();

  // One for the Opus listeners, one for the PCMA listeners; the talker alone hears silence, which is not
  // encoded.
  EXPECT_EQ(report.encoded, 2U);
  EXPECT_EQ(report.decoded, 1U);
  EXPECT_GE(report.sent, 20U);
}

TEST(Mixer, EncodesOncePerTalkerAndOnceForTheRest) {
  mixed_room room;
  for (const double hz : {400.0, 700.0})
    room.enter().says(hz, loud);
  for (int i = 0; i < 30; ++i)
    room.enter();
  room.run(50);

  const auto report = room.run();

  EXPECT_EQ(report.encoded, 3U);
  EXPECT_EQ(report.decoded, 2U);
  EXPECT_EQ(report.sent, 32U);
}

TEST(Mixer, DecodesOnlyTheLoudestWhenLevelsAreAnnounced) {
  mixed_room room{{3, 5, 100}};
  std::vector<person*> people;
  for (int i = 0; i < 10; ++i) {
    people.push_back(&room.enter());
    people.back()->says(300 + 100 * i, 16000.0 / (i + 1));
    people.back()->announces(static_cast<std::uint8_t>(9 + 2 * i));
  }
  room.run(5);

  const auto report = room.run();

  EXPECT_EQ(report.decoded, 3U);
  for (std::size_t i = 0; i < people.size(); ++i)
    EXPECT_EQ(room.is_speaking(*people[i]), i < 3) << i;
}

TEST(Mixer, MixesTheLoudestWhenNoLevelsAreAnnounced) {
  mixed_room room{{2, 5, 100}};
  auto& quiet = room.enter();
  auto& middle = room.enter();
  auto& loudest = room.enter();
  auto& listener = room.enter();
  quiet.says(400, 1000);
  middle.says(700, 4000);
  loudest.says(1100, 8000);

  room.run(50);

  EXPECT_FALSE(room.is_speaking(quiet));
  EXPECT_TRUE(room.is_speaking(middle));
  EXPECT_TRUE(room.is_speaking(loudest));
  EXPECT_LT(amplitude_at(listener.sink.last(10), 400), 100);
}

TEST(Mixer, KeepsATalkerInItsPlaceWhileAnotherIsOnlyAsLoud) {
  mixed_room room{{1, 5, 100}};
  auto& first = room.enter();
  auto& second = room.enter();
  first.says(400, loud);
  room.run(5);
  second.says(700, 1.5 * loud);

  room.run(50);
  const bool kept = room.is_speaking(first) && !room.is_speaking(second);
  second.says(700, 2.5 * loud);
  room.run(50);

  EXPECT_TRUE(kept);
  EXPECT_TRUE(room.is_speaking(second));
  EXPECT_FALSE(room.is_speaking(first));
}

TEST(Mixer, KeepsThePlaceOfATalkerThroughAShortPauseOnly) {
  mixed_room room;
  auto& talker = room.enter();
  talker.says(400, loud);
  room.run(5);
  talker.is_silent();

  room.run(15);
  const bool after_300_ms = room.is_speaking(talker);
  room.run(10);

  EXPECT_TRUE(after_300_ms);
  EXPECT_FALSE(room.is_speaking(talker));
}

TEST(Mixer, NeverDecodesOrMixesTheMuted) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();
  ASSERT_TRUE(room.mixer().update(talker.slot, talker.io(true)));
  talker.says(400, loud);

  room.run(30);

  EXPECT_EQ(talker.source.decoded, 0);
  EXPECT_EQ(talker.source.advanced, 30);
  EXPECT_FALSE(room.is_speaking(talker));
  EXPECT_LT(amplitude_at(listener.sink.last(10), 400), 1);
}

TEST(Mixer, MutesInTheMiddleOfAWordWithoutAClickAndUnmutesAgain) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter(pcma_format);
  talker.says(400, loud);
  room.run(20);
  const int own_steps = largest_step(listener.sink.last(10));
  const int decoded = talker.source.decoded;

  ASSERT_TRUE(room.mixer().update(talker.slot, talker.io(true)));
  room.run(20);
  const int leaving_steps = largest_step(listener.sink.last(20));
  const double muted = amplitude_at(listener.sink.last(10), 400);
  const int decoded_muted = talker.source.decoded;
  ASSERT_TRUE(room.mixer().update(talker.slot, talker.io(false)));
  room.run(20);

  EXPECT_LE(leaving_steps, own_steps * 11 / 10);
  EXPECT_LT(muted, 16);
  EXPECT_EQ(decoded_muted, decoded);
  EXPECT_NEAR(amplitude_at(listener.sink.last(10), 400), loud, 0.1 * loud);
}

TEST(Mixer, RemovesATalkerInTheMiddleOfAWordWithoutAClickAndUsesItsSlotAgain) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter(pcma_format);
  talker.says(400, loud);
  room.run(20);
  const int own_steps = largest_step(listener.sink.last(10));
  const auto slot = talker.slot;

  room.leave(talker);
  auto& newcomer = room.enter(pcma_format);
  room.run(20);

  EXPECT_EQ(newcomer.slot, slot);
  EXPECT_FALSE(room.is_speaking(newcomer));
  EXPECT_EQ(room.mixer().size(), 2U);
  EXPECT_LE(largest_step(listener.sink.last(20)), own_steps * 11 / 10);
  EXPECT_LT(amplitude_at(listener.sink.last(10), 400), 16);
  // The newcomer in the slot hears the end of the one who left: it is not the newcomer's own voice.
  EXPECT_GT(rms(std::span{newcomer.sink.heard}.first(2 * frame_samples)), 100);
}

TEST(Mixer, ChangesTheFormatOfATalkerAndOfAListener) {
  mixed_room room;
  auto& talker = room.enter();
  auto& other = room.enter();
  auto& listener = room.enter();
  talker.says(400, loud);
  other.says(700, loud);
  room.run(20);

  for (auto* each : {&talker, &listener}) {
    each->format = pcmu_format;
    each->sink = listening_sink{codec_kind::pcmu};
    ASSERT_TRUE(room.mixer().update(each->slot, each->io()));
  }
  room.run(30);

  EXPECT_EQ(listener.sink.latest.size(), 160U);
  EXPECT_NEAR(amplitude_at(listener.sink.last(10), 400), loud, 0.1 * loud);
  EXPECT_NEAR(amplitude_at(listener.sink.last(10), 700), loud, 0.1 * loud);
  EXPECT_NEAR(amplitude_at(talker.sink.last(10), 700), loud, 0.1 * loud);
  EXPECT_LT(amplitude_at(talker.sink.last(10), 400), absent);
}

TEST(Mixer, HoldsALegWithoutSourceOrSink) {
  mixed_room room;
  auto& talker = room.enter();
  auto& held = room.enter();
  talker.says(400, loud);
  held.says(700, loud);
  room.run(20);

  ASSERT_TRUE(room.mixer().update(held.slot, {nullptr, nullptr, held.format, false}));
  const int sent_before = held.sink.payloads;
  room.run(30);
  const int sent_on_hold = held.sink.payloads - sent_before;
  const double heard_on_hold = amplitude_at(talker.sink.last(10), 700);
  ASSERT_TRUE(room.mixer().update(held.slot, held.io()));
  room.run(30);

  EXPECT_EQ(sent_on_hold, 0);
  EXPECT_LT(heard_on_hold, absent);
  EXPECT_NEAR(amplitude_at(held.sink.last(10), 400), loud, 0.2 * loud);
  EXPECT_NEAR(amplitude_at(talker.sink.last(10), 700), loud, 0.2 * loud);
}

TEST(Mixer, RefusesMoreThanItsLimit) {
  mixed_room room{{5, 5, 2}};
  room.enter();
  auto& second = room.enter();
  person third{opus_format};

  const auto refused = room.mixer().add(third.io());
  room.leave(second);
  const auto accepted = room.mixer().add(third.io());

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  EXPECT_TRUE(accepted);
  room.mixer().remove(*accepted);
}

TEST(Mixer, GivesTheSameBytesForTheSameInputs) {
  const auto play = [] {
    mixed_room room{{2, 5, 100}};
    std::vector<person*> people;
    for (const auto& format : {opus_format, g722_format, pcmu_format, opus_format, opus_format})
      people.push_back(&room.enter(format));
    people[0]->source.script = [voice = speech{7}]() mutable { return voice.next(); };
    people[1]->says(700, 3 * loud);
    people[2]->says(1100, 3 * loud);
    room.run(40);
    people[3]->says_noise(5, 4000);
    room.run(40);
    people[1]->is_silent();
    room.run(40);
    std::vector<std::vector<std::int16_t>> heard;
    for (const auto* each : people)
      heard.push_back(each->sink.heard);
    return heard;
  };

  const auto first = play();
  const auto second = play();

  EXPECT_EQ(first, second);
}

} // namespace
} // namespace plenary::audio
