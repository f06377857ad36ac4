#include "actors/audio/background_floor.hpp"
#include "actors/audio/levelling.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

#include <array>

namespace plenary::audio {
namespace {

double loudness_in_db(std::span<const std::int16_t> pcm) {
  return 20 * std::log10(std::max(rms(pcm), 0.01) / 32768);
}

/// Something like speech at a level, over nothing.
class voice {
public:
  voice(unsigned seed, double level)
      : speech_(seed) {
    double energy = 0;
    speech measure(seed);
    for (int i = 0; i < 500; ++i) {
      const auto pcm = measure.next();
      energy += rms(pcm) * rms(pcm) / 500;
    }
    factor_ = 32768 * std::pow(10, level / 20) / std::sqrt(energy);
  }

  frame next() {
    auto pcm = speech_.next();
    const bool pause = count_++ % 60 >= 50;
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(pause ? 0 : std::clamp(factor_ * sample, -32768.0, 32767.0));
    return pcm;
  }

private:
  speech speech_;
  double factor_ = 1;
  int count_ = 0;
};

/// A leveller with what it learns from.
struct levelled {
  leveller levelling;
  background_floor background;

  explicit levelled(bool automatic = true, float fixed = 0) { levelling.set(automatic, fixed); }

  frame hear(frame pcm) {
    const auto level = measure(pcm);
    background.take(level, false);
    levelling.take(level, background.quietest());
    levelling.apply(pcm);
    return pcm;
  }
};

TEST(Leveller, BringsQuietAndLoudTalkersWithinThreeDecibelsInFiveSeconds) {
  std::vector<double> heard;
  for (const double level : {-20.0, -24.0, -28.0, -32.0, -36.0, -40.0}) {
    levelled one;
    voice talking(3, level);
    for (int i = 0; i < 250; ++i)
      one.hear(talking.next());
    std::vector<std::int16_t> later;
    for (int i = 0; i < 300; ++i) {
      const auto pcm = one.hear(talking.next());
      if (measure(pcm) > dbov{-60})
        later.insert(later.end(), pcm.begin(), pcm.end());
    }
    heard.push_back(loudness_in_db(later));
    EXPECT_NEAR(one.levelling.speech_level().value_or(dbov{}).value, level, 2) << level;
  }

  const auto [least, most] = std::minmax_element(heard.begin(), heard.end());
  EXPECT_LE(*most - *least, 3);
}

TEST(Leveller, LeavesWhoIsAsLoudAsOthersExactlyAsHeIs) {
  levelled one;
  voice talking(5, -26.5);
  int changed = 0;
  for (int i = 0; i < 500; ++i) {
    const auto pcm = talking.next();
    changed += one.hear(pcm) == pcm ? 0 : 1;
  }
  EXPECT_LE(std::abs(one.levelling.gain_db()), 1);
  EXPECT_LE(changed, 500);
}

TEST(Leveller, MovesByThreeDecibelsASecondAtMost) {
  levelled one;
  voice talking(7, -45);
  float before = 0;
  for (int i = 0; i < 1000; ++i) {
    one.hear(talking.next());
    EXPECT_LE(std::abs(one.levelling.gain_db() - before), 0.0601F);
    before = one.levelling.gain_db();
  }
  EXPECT_FLOAT_EQ(before, leveller::most);
}

TEST(Leveller, MovesNothingOnNoiseSilenceAndTones) {
  for (const double amplitude : {0.0, 30.0, 184.0, 600.0, 3000.0}) {
    levelled noise;
    levelled steady;
    std::mt19937 random(3);
    tone wave(440, amplitude);
    for (int i = 0; i < 1000; ++i) {
      // It begins all of a sudden, as an engine does.
      std::normal_distribution<double> normal{0, i < 200 ? 5 : amplitude + 0.01};
      frame pcm;
      for (auto& sample : pcm)
        sample = static_cast<std::int16_t>(std::lrint(normal(random)));
      noise.hear(pcm);
      steady.hear(i < 200 ? frame{} : wave.next());
    }
    EXPECT_EQ(noise.levelling.gain_db(), 0) << amplitude;
    EXPECT_EQ(steady.levelling.gain_db(), 0) << amplitude;
    EXPECT_FALSE(noise.levelling.speech_level()) << amplitude;
  }
}

TEST(Leveller, KeepsItsGainWhileNobodySpeaks) {
  levelled one;
  voice talking(9, -38);
  for (int i = 0; i < 400; ++i)
    one.hear(talking.next());
  const auto gain = one.levelling.gain_db();

  std::mt19937 random(4);
  for (int i = 0; i < 1000; ++i) {
    std::normal_distribution<double> normal{0, 40};
    frame pcm;
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(std::lrint(normal(random)));
    one.hear(pcm);
  }

  EXPECT_GT(gain, 8);
  EXPECT_NEAR(one.levelling.gain_db(), gain, 0.95); // what was under way when the voice ended
}

TEST(Leveller, RaisesNoBackgroundAboveMinus36) {
  levelled one;
  voice talking(9, -34);
  std::mt19937 random(4);
  for (int i = 0; i < 600; ++i) {
    std::normal_distribution<double> normal{0, 260}; // -42 dBov
    auto pcm = talking.next();
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(sample + std::lrint(normal(random)));
    one.hear(pcm);
  }

  EXPECT_LE(one.levelling.gain_db(), 7);
}

TEST(Leveller, GoesToAFixedGainWithinASecond) {
  for (const float gain : {-20.0F, -6.0F, 6.0F, 20.0F}) {
    levelled one(false, gain);
    tone wave(440, 1000);
    frame pcm{};
    for (int i = 0; i < 50; ++i)
      pcm = one.hear(wave.next());

    EXPECT_EQ(one.levelling.gain_db(), gain);
    EXPECT_NEAR(20 * std::log10(rms(pcm) / 707.1), gain, 0.1);
  }
}

TEST(Leveller, IsExactWithoutGain) {
  levelled one(false);
  voice talking(11, -20);
  for (int i = 0; i < 100; ++i) {
    const auto pcm = talking.next();
    EXPECT_EQ(one.hear(pcm), pcm);
  }
}

TEST(Leveller, ClipsNoShoutOfAQuietTalker) {
  levelled one(false, 12);
  tone quiet(440, 500);
  tone shout(440, 30000);
  for (int i = 0; i < 60; ++i)
    one.hear(quiet.next());

  int clipped = 0;
  for (int i = 0; i < 50; ++i) {
    const auto pcm = one.hear(shout.next());
    clipped += static_cast<int>(std::count_if(pcm.begin() + (i == 0 ? 48 : 0), pcm.end(),
                                              [](auto sample) { return std::abs(sample) >= 32767; }));
  }

  EXPECT_EQ(clipped, 0);
}

TEST(MixerLevelling, RanksAQuietTalkerBesideFiveLoudOnesByWhatIsHeardOfThem) {
  for (const bool announced : {false, true}) {
    mixed_room room{{.levelling = true}};
    std::vector<person*> loud_ones;
    for (unsigned i = 0; i < 5; ++i) {
      loud_ones.push_back(&room.enter(pcmu_format));
      loud_ones.back()->source.script = [talking = voice(20 + i, -20), skip = 7 * i]() mutable {
        for (; skip > 0; --skip)
          talking.next();
        return talking.next();
      };
    }
    auto& quiet = room.enter(pcmu_format);
    quiet.source.script = [talking = voice(1, -38)]() mutable { return talking.next(); };
    if (announced)
      for (auto* each : {loud_ones[0], loud_ones[1], loud_ones[2], loud_ones[3], loud_ones[4], &quiet})
        each->source.announce = [each] {
          frame pcm;
          each->source.decode(pcm);
          return preview{true, false, static_cast<std::uint8_t>(std::min(127.0F, -measure(pcm).value)), 160};
        };
    room.enter(pcmu_format);
    room.run(250);
    int heard = 0;
    for (int i = 0; i < 600; ++i) {
      room.run();
      heard += room.is_speaking(quiet) ? 1 : 0;
    }

    // Six who never pause share five places: without levelling the quiet one never has one.
    EXPECT_GT(heard, 0) << announced;
    EXPECT_GT(room.mixer().loudness_of(quiet.slot).gain_db, 8) << announced;
    EXPECT_LT(room.mixer().loudness_of(loud_ones[0]->slot).gain_db, -4) << announced;
  }
}

TEST(MixerLevelling, IsOffForWhoHasAFixedGainAndForRoomsWithoutIt) {
  mixed_room room;
  auto& talker = room.enter(pcmu_format);
  talker.source.script = [talking = voice(1, -38)]() mutable { return talking.next(); };
  room.run(300);
  EXPECT_EQ(room.mixer().loudness_of(talker.slot).gain_db, 0);
  EXPECT_NEAR(room.mixer().loudness_of(talker.slot).speech->value, -38, 2);

  auto io = talker.io();
  io.level = {.automatic = false, .gain_db = 6};
  ASSERT_TRUE(room.mixer().update(talker.slot, io));
  room.run(50);

  EXPECT_EQ(room.mixer().loudness_of(talker.slot).gain_db, 6);
}

TEST(MixerLevelling, OutlivesMuteAndGoesWithTheParticipant) {
  mixed_room room{{.levelling = true}};
  auto& talker = room.enter(pcmu_format);
  talker.source.script = [talking = voice(1, -38)]() mutable { return talking.next(); };
  room.run(300);
  const auto gain = room.mixer().loudness_of(talker.slot).gain_db;

  ASSERT_TRUE(room.mixer().update(talker.slot, talker.io(true)));
  room.run(50);
  ASSERT_TRUE(room.mixer().update(talker.slot, talker.io(false)));

  EXPECT_GT(gain, 8);
  EXPECT_EQ(room.mixer().loudness_of(talker.slot).gain_db, gain);
  room.leave(talker);
  auto& newcomer = room.enter(pcmu_format);
  EXPECT_EQ(room.mixer().loudness_of(newcomer.slot).gain_db, 0);
}

} // namespace
} // namespace plenary::audio
