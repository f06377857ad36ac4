#include "tests/support/rtp_stream.hpp"
#include "tests/support/signature.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tone.hpp"
#include "tests/support/wav_file.hpp"

#include <gtest/gtest.h>

namespace plenary::test::instruments_test {

namespace {

TEST(Instruments, MeasureAToneAtItsLevelAndNotItsNeighbour) {
  const auto tone = make_tone(440, -20, 8000, 1);

  EXPECT_NEAR(tone_level_dbfs(tone, 8000, 440), -20, 0.1);
  EXPECT_LT(tone_level_dbfs(tone, 8000, 500), -80);
  EXPECT_NEAR(level_dbfs(tone), -20, 0.1);
}

TEST(Instruments, HearTheToneOfAPacketSourceAtItsLevel) {
  rtp_tone_source source(1);
  source.set_tone(440, -20);
  rtp_recorder recorder;

  for (int packet = 0; packet < 50; ++packet)
    for (const auto& bytes : source.next())
      recorder.receive(bytes);

  EXPECT_EQ(recorder.counts().packets, 50U);
  EXPECT_NEAR(tone_level_dbfs(recorder.samples(), 8000, 440), -20, 0.2);
}

TEST(Instruments, SendADigitAsTenEventPacketsAndTwoRepeats) {
  rtp_tone_source source(1);
  rtp_recorder recorder;
  source.press('#', 101);

  for (int packet = 0; packet < 20; ++packet)
    for (const auto& bytes : source.next())
      recorder.receive(bytes);

  EXPECT_EQ(recorder.counts().other_payload_types, 12U);
}

TEST(Instruments, LoseTheSamePacketsForTheSameSeed) {
  const auto survivors = [](std::uint64_t seed) {
    impaired_network network({.loss = 0.05, .jitter = {}, .seed = seed});
    std::string names;
    for (char name = 0; name < 100; ++name)
      network.put(std::string(1, name), {});
    for (const auto& packet : network.take({}))
      names += packet;
    return names;
  };

  EXPECT_EQ(survivors(7), survivors(7));
  EXPECT_NE(survivors(7), survivors(8));
  EXPECT_LT(survivors(7).size(), 100U);
  EXPECT_GT(survivors(7).size(), 80U);
}

TEST(Instruments, KnowTheMiniVoiceVector) {
  EXPECT_EQ(minivoice_signature("change-me", "1780056600", R"({"event":"call.completed"})"),
            "v1=91ea115cf5dd022d4777c97cbcc214edd0c898ea94588a5f4d1b379d4474b205");
}

TEST(Instruments, ReadTheWavFilesThatTheyWrite) {
  const temporary_directory folder;
  const auto tone = make_tone(440, -20, 16000, 0.5);
  write_wav(folder.path() / "tone.wav", tone, 16000, 2);

  const auto read = read_wav(folder.path() / "tone.wav");

  ASSERT_TRUE(read);
  EXPECT_EQ(read->sample_rate, 16000);
  EXPECT_EQ(read->samples, tone);
}

} // namespace

} // namespace plenary::test::instruments_test
