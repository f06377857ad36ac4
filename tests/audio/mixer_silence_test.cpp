#include "actors/audio/outbound_stream.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

TEST(MixerSilence, SendsOpusListenersNothingButARareComfortPacket) {
  mixed_room room;
  for (int i = 0; i < 40; ++i)
    room.enter();
  room.run(20);

  const auto report = room.run(200);

  // 200 ticks are ten comfort packets for each, spread evenly over the ticks.
  EXPECT_EQ(report.encoded, 0U);
  EXPECT_EQ(report.sent, 400U);
  EXPECT_EQ(room.run().sent, 2U);
}

TEST(MixerSilence, NeverLeavesAnOpusListenerWithoutAPacketForMoreThan400Milliseconds) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();

  for (const int pause : {7, 45, 101, 19, 300}) {
    talker.says(400, loud);
    room.run(23);
    talker.is_silent();
    room.run(pause);
  }

  EXPECT_LT(listener.sink.longest_gap, 20);
  EXPECT_LT(talker.sink.longest_gap, 20);
}

TEST(MixerSilence, LetsALoneFirstParticipantHearSilenceInEveryCodec) {
  for (const auto& format : {opus_format, g722_format, pcmu_format, pcma_format}) {
    mixed_room room;
    auto& alone = room.enter(format);
    alone.says(400, loud);

    room.run(150);

    // G.711 A-law has no zero: its smallest step is 8.
    EXPECT_GE(alone.sink.payloads, 10);
    EXPECT_LE(rms(alone.sink.last(50)), 10) << sdp_name(format.codec);
    EXPECT_EQ(alone.sink.markers, 1);
  }
}

TEST(MixerSilence, KeepsSendingTelephoneCodecsWithoutEncoding) {
  mixed_room room;
  auto& u_law = room.enter(pcmu_format);
  auto& a_law = room.enter(pcma_format);
  room.enter(g722_format);
  room.run(60);

  const auto report = room.run(50);

  EXPECT_EQ(report.encoded, 0U);
  EXPECT_EQ(report.sent, 150U);
  EXPECT_EQ(u_law.sink.latest, std::vector<std::uint8_t>(160, 0xFF));
  EXPECT_EQ(a_law.sink.latest, std::vector<std::uint8_t>(160, 0xD5));
}

TEST(MixerSilence, SendsSilenceWithoutPauseToAListenerThatWantsNoDtx) {
  mixed_room room;
  auto format = opus_format;
  format.dtx = false;
  auto& listener = room.enter(format);
  room.run(20);

  const auto report = room.run(50);

  EXPECT_EQ(report.encoded, 0U);
  EXPECT_EQ(report.sent, 50U);
  EXPECT_LE(rms(listener.sink.last(20)), 1);
}

TEST(MixerSilence, BeginsATalkspurtWithOneMarker) {
  mixed_room room;
  auto& talker = room.enter();
  auto& listener = room.enter();
  room.run(60);
  const int before = listener.sink.markers;

  talker.says(400, loud);
  room.run(30);
  const int first = listener.sink.markers;
  talker.is_silent();
  room.run(60);
  const int pause = listener.sink.markers;
  talker.says(400, loud);
  room.run(30);

  EXPECT_EQ(before, 1);
  EXPECT_EQ(first, 2);
  EXPECT_EQ(pause, 2);
  EXPECT_EQ(listener.sink.markers, 3);
}

TEST(MixerSilence, ResumesAfterAPauseWithoutAClick) {
  for (const auto& format : {opus_format, g722_format, pcmu_format}) {
    mixed_room room;
    auto& talker = room.enter();
    auto& listener = room.enter(format);
    talker.says(400, loud);
    room.run(40);
    const int steady = largest_step(listener.sink.last(20));

    talker.is_silent();
    room.run(120);
    const double silence = rms(listener.sink.last(20));
    talker.says(400, loud);
    room.run(40);

    // G.722 at rest dithers by a few steps, and overshoots a little wherever a loud tone sets in.
    const bool adaptive = format.codec == codec_kind::g722;
    EXPECT_LE(silence, adaptive ? 8 : 1) << sdp_name(format.codec);
    EXPECT_LE(largest_step(listener.sink.last(160)), steady * (adaptive ? 17 : 13) / 10)
        << sdp_name(format.codec);
    EXPECT_NEAR(amplitude_at(listener.sink.last(10), 400), loud, 0.2 * loud) << sdp_name(format.codec);
  }
}

TEST(MixerSilence, MixesSteadyBackgroundNoiseButTakesOnlyQuietSpeechForTalking) {
  mixed_room room;
  auto& noisy = room.enter();
  auto& quiet_speaker = room.enter(g722_format);
  auto& listener = room.enter(g722_format);
  noisy.says_noise(1, 104); // -50 dBov
  room.run(50);
  const bool noise_is_mixed = room.is_speaking(noisy);
  const double noise_heard = rms(listener.sink.last(10));

  quiet_speaker.source.script = [voice = speech{3}]() mutable {
    auto pcm = voice.next();
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(sample / 12);
    return pcm;
  };
  room.run(50);

  EXPECT_FALSE(noise_is_mixed);
  EXPECT_NEAR(noise_heard, 60, 10); // G.722 hears a third of the band of white noise
  EXPECT_TRUE(room.is_speaking(quiet_speaker));
  EXPECT_GT(rms(listener.sink.last(10)), 50);
}

} // namespace
} // namespace plenary::audio
