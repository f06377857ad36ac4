// Callers in Opus DTX: their lone refresh packets cost no decoding, and their first word is heard whole.
#include "actors/audio/speaker_activity.hpp"
#include "mixed_room.hpp"
#include "simulated_network.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

/// A quiet line (-75 dBov) on which a tone begins at frame `begin`.
class quiet_line {
public:
  explicit quiet_line(std::size_t begin)
      : begin_(begin) {}

  frame next() {
    auto pcm = count_++ < begin_ ? frame{} : tone_.next();
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(sample + std::lrint(noise_(random_)));
    return pcm;
  }

private:
  std::size_t begin_;
  std::size_t count_ = 0;
  std::mt19937 random_{7};
  std::normal_distribution<double> noise_{0, 6};
  tone tone_{400, 8000};
};

/// A room in which one listens to a caller whose packets come over a network.
class listened_room {
public:
  explicit listened_room(std::vector<scheduled> packets)
      : packets_(std::move(packets))
      , due_(simulation_start + milliseconds(7)) {
    stream_ = receive_stream::make(ring_, {{96, codec_kind::opus}}, {}).value();
    caller_ = mixer_.add({stream_.get(), nullptr, opus_format, false}).value();
    mixer_.add({nullptr, &listener, pcmu_format, false}).value();
  }

  tick_report run(std::size_t ticks) {
    tick_report total;
    for (std::size_t i = 0; i < ticks; ++i) {
      for (; next_ < packets_.size() && packets_[next_].info.arrival <= due_; ++next_)
        ring_->push(packets_[next_].info, packets_[next_].payload);
      total.decoded += mixer_.tick(due_, number_++).decoded;
      listener.end_tick();
      due_ += frame_duration;
    }
    return total;
  }

  bool hears_the_caller() const { return mixer_.is_speaking(caller_); }
  std::size_t arrived() const { return next_; }

  listening_sink listener{codec_kind::pcmu};

private:
  std::vector<scheduled> packets_;
  std::shared_ptr<packet_ring> ring_ = std::make_shared<packet_ring>();
  std::unique_ptr<receive_stream> stream_;
  mixer mixer_{mixer_config{}};
  participant_slot caller_ = 0;
  mono_time due_;
  std::uint64_t number_ = 1000;
  std::size_t next_ = 0;
};

TEST(DtxCaller, IsNotHeardAndCostsOneDecodeAPacketWhileItsPacketsOnlyRenewTheBackground) {
  listened_room room{packets_of(quiet_line{1000}, opus_format, 400)};
  room.run(100);
  const auto before = room.arrived();

  const auto report = room.run(250);

  EXPECT_GE(room.arrived() - before, 10U);
  EXPECT_LE(room.arrived() - before, 15U);
  EXPECT_LE(report.decoded, 15U);
  EXPECT_FALSE(room.hears_the_caller());
  EXPECT_LE(rms(room.listener.last(240)), 1);
}

TEST(DtxCaller, IsHeardFromTheFirstPacketOfItsSpeechWithoutAClick) {
  // The speech begins at every place between two refresh packets.
  for (std::size_t begin = 100; begin < 120; ++begin) {
    listened_room room{packets_of(quiet_line{begin}, opus_format, begin + 60)};
    room.run(begin);
    const bool before = room.hears_the_caller();

    room.run(3); // sent at 0 ms, due at 7 ms, played when it has waited for 20 ms
    const bool at_once = room.hears_the_caller();
    const auto onset = rms(room.listener.last(1));
    room.run(50);

    EXPECT_FALSE(before) << begin;
    EXPECT_TRUE(at_once) << begin;
    EXPECT_GT(onset, 1000) << begin;
    EXPECT_LT(largest_step(room.listener.last(53)), 900) << begin;
    EXPECT_GT(rms(room.listener.last(40)), 4500) << begin;
  }
}

TEST(SpeakerActivity, TakesALonePacketWithoutVoiceForARefreshOfTheBackground) {
  speaker_activity activity;
  const preview no_voice{true, false, std::nullopt, 33, false};
  int wishes = 0;

  for (std::uint64_t turn = 0; turn < 400; ++turn)
    if (const auto wish = activity.consider(turn % 20 == 0 ? no_voice : preview{}, false, turn)) {
      wishes += wish->idle ? 0 : 1;
      EXPECT_EQ(activity.heard(dbov{-55}, false), sounding::nothing) << turn;
    }

  EXPECT_EQ(wishes, 0);
}

TEST(SpeakerActivity, ListensToWhatIsNoVoiceFromItsSecondPacketOn) {
  speaker_activity activity;
  const preview music{true, false, std::nullopt, 80, false};
  activity.consider({}, false, 0);

  const auto first = activity.consider(music, false, 1);
  const auto second = activity.consider(music, false, 2);

  EXPECT_TRUE(first && first->idle);
  EXPECT_TRUE(second && !second->idle);
}

TEST(SpeakerActivity, TakesAPacketWithoutVoiceThatOthersFollowForTheBeginningOfASound) {
  speaker_activity activity;
  preview onset{true, false, std::nullopt, 33, false};
  onset.followed = true;
  activity.consider({}, false, 0);

  const auto wish = activity.consider(onset, false, 1);

  EXPECT_TRUE(wish && !wish->idle);
  EXPECT_EQ(activity.heard(dbov{-58}, false), sounding::background);
}

TEST(SpeakerActivity, ListensToTheFirstPacketWithAVoiceOfADozingLeg) {
  speaker_activity activity;
  int probes = 0;
  for (std::uint64_t turn = 0; turn < 1000; ++turn)
    if (const auto wish = activity.consider({true, false, std::nullopt, 45, false}, false, turn);
        wish && !wish->idle) {
      probes += turn >= 500 ? 1 : 0;
      activity.heard(dbov{-50}, false);
    }

  const auto wish = activity.consider({true, false, std::nullopt, 45, true}, false, 1001);

  EXPECT_EQ(probes, 10);
  EXPECT_TRUE(wish && !wish->idle);
}

} // namespace
} // namespace plenary::audio
