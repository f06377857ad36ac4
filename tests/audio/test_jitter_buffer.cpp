#include "actors/audio/jitter_buffer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace plenary::audio {
namespace {

using std::chrono::milliseconds;

const mono_time start = mono_time(std::chrono::hours(1));

arrived_packet packet_of(std::uint16_t number, milliseconds arrival, std::span<const std::uint8_t> payload) {
  arrived_packet packet;
  packet.info.arrival = start + arrival;
  packet.info.sequence_number = static_cast<std::uint16_t>(65530 + number);
  packet.info.timestamp = 0xfffffff0U + number * 960U;
  packet.info.ssrc = 1;
  packet.payload = payload;
  packet.duration = 960;
  return packet;
}

TEST(JitterBuffer, PlaysEveryPacketOnceAndInOrderWhileJitterStaysBelowTheDelay) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    std::vector<std::pair<int, std::uint16_t>> arrivals;
    for (std::uint16_t i = 0; i < 300; ++i)
      arrivals.emplace_back(i * 20 + static_cast<int>(random() % 70), i);
    std::sort(arrivals.begin(), arrivals.end());
    jitter_buffer buffer({milliseconds(100), milliseconds(200)});
    std::size_t next = 0;
    std::vector<std::uint8_t> played;

    for (int time = 7; time < 6500; time += 20) {
      for (; next < arrivals.size() && arrivals[next].first <= time; ++next) {
        const std::uint8_t payload[] = {static_cast<std::uint8_t>(arrivals[next].second)};
        buffer.insert(packet_of(arrivals[next].second, milliseconds(arrivals[next].first), payload));
      }
      for (const auto& piece : buffer.plan(start + milliseconds(time), 0)) {
        std::array<std::uint8_t, packet_store::max_payload> scratch;
        if (piece.what == piece::kind::packet)
          played.push_back(buffer.packets().payload(piece.packet, scratch)[0]);
      }
      buffer.finish();
    }

    ASSERT_EQ(played.size(), 300U) << "seed " << seed;
    for (std::size_t i = 0; i < played.size(); ++i)
      EXPECT_EQ(played[i], static_cast<std::uint8_t>(i)) << "seed " << seed;
    EXPECT_EQ(buffer.statistics().late, 0U);
  }
}

TEST(JitterBuffer, AsksForTheLostFrameBeforeThePacketThatFollowsIt) {
  jitter_buffer buffer({milliseconds(60), milliseconds(200)});
  for (const int number : {0, 1, 3, 4})
    buffer.insert(packet_of(static_cast<std::uint16_t>(number), milliseconds(number * 20), {}));
  std::vector<piece::kind> played;

  for (int time = 80; time < 180; time += 20) {
    for (const auto& piece : buffer.plan(start + milliseconds(time), 0))
      played.push_back(piece.what);
    buffer.finish();
  }

  using enum piece::kind;
  ASSERT_GE(played.size(), 5U);
  played.resize(5);
  EXPECT_EQ(played, (std::vector{packet, packet, recovered, packet, packet}));
}

TEST(JitterBuffer, DropsWhatIsOlderThanTheLongestDelay) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  for (std::uint16_t number = 0; number < 50; ++number) // a second of sound at once
    buffer.insert(packet_of(number, milliseconds(0), {}));

  buffer.plan(start + milliseconds(20), 0);
  buffer.finish();
  buffer.plan(start + milliseconds(40), 0);

  EXPECT_GT(buffer.statistics().discarded, 35U);
  EXPECT_LE(buffer.statistics().playout_delay, milliseconds(200));
}

TEST(JitterBuffer, WhatNobodyDecodesIsPutBackBeyondTheTick) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  auto packet = packet_of(0, milliseconds(0), {});
  packet.duration = 2880;
  buffer.insert(packet);

  ASSERT_EQ(buffer.plan(start + milliseconds(20), 0).size(), 1U);
  buffer.abandon(0);
  const auto planned = buffer.plan(start + milliseconds(40), 0);

  ASSERT_EQ(planned.size(), 1U);
  EXPECT_EQ(planned[0].what, piece::kind::packet);
  EXPECT_EQ(planned[0].skip, 960U);
  EXPECT_EQ(planned[0].samples, 1920U);
}

TEST(JitterBuffer, APauseThatNobodyHearsNeedsNoConcealment) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  buffer.insert(packet_of(0, milliseconds(0), {}));
  buffer.plan(start + milliseconds(20), 0);
  buffer.abandon(0);

  const auto paused = buffer.plan(start + milliseconds(40), 0).size();
  buffer.abandon(0);

  EXPECT_EQ(paused, 1U);
  EXPECT_TRUE(buffer.idle());
}

TEST(JitterBuffer, WhatWasSkippedOfAPacketIsNotTakenFromOneThatComesLate) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  const auto insert = [&](std::uint16_t number, std::uint32_t timestamp, std::uint32_t duration) {
    auto packet = packet_of(number, milliseconds(timestamp / 48), {});
    packet.info.timestamp = timestamp;
    packet.duration = duration;
    buffer.insert(packet);
  };
  insert(0, 0, 960);
  insert(1, 960, 960);
  insert(4, 960, 5760);
  insert(5, 1920, 960);
  for (int time : {100, 120}) { // far behind: the second tick skips into packet 4
    buffer.plan(start + milliseconds(time), 0);
    buffer.abandon(0);
  }

  insert(2, 960, 960);

  EXPECT_EQ(buffer.statistics().late, 1U);
  for (const auto& planned : buffer.plan(start + milliseconds(140), 0))
    EXPECT_LE(planned.samples, 5760U);
}

TEST(JitterBuffer, APacketThatIsTooLargeTakesNoneOfTheOthersAway) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  const std::vector<std::uint8_t> largest(packet_store::max_payload);
  const std::vector<std::uint8_t> larger(packet_store::max_payload + 1);
  buffer.insert(packet_of(0, milliseconds(0), largest));

  buffer.insert(packet_of(1, milliseconds(20), larger));

  EXPECT_EQ(buffer.packets().size(), 1U);
  EXPECT_EQ(buffer.statistics().discarded, 1U);
}

TEST(JitterBuffer, RepeatedLateNumbersMeanThatTheSenderBeganAnew) {
  jitter_buffer buffer({milliseconds(20), milliseconds(200)});
  int packets = 0;
  for (int time = 0; time < 1000; time += 20) {
    // After 500 ms the sender starts again with the numbers it had at first.
    const auto number = static_cast<std::uint16_t>(time / 20 % 25);
    buffer.insert(packet_of(number, milliseconds(time), {}));
    for (const auto& piece : buffer.plan(start + milliseconds(time), 0))
      packets += piece.what == piece::kind::packet && time > 800 ? 1 : 0;
    buffer.finish();
  }

  EXPECT_GE(packets, 8);
}

TEST(PacketStore, RefusesWhatDoesNotFitAndGivesMemoryBack) {
  packet_store store;
  const std::vector<std::uint8_t> payload(1500, 7);
  std::array<std::uint8_t, packet_store::max_payload> scratch;
  for (int round = 0; round < 3; ++round) {
    stored_packet packet;
    while (store.insert(packet, payload) == packet_store::outcome::stored)
      ++packet.sequence;

    EXPECT_EQ(store.size(), packet_store::block_count / 10);
    const auto read = store.payload(store.size() - 1, scratch);
    EXPECT_TRUE(std::equal(payload.begin(), payload.end(), read.begin(), read.end()));
    while (!store.empty())
      store.pop_front();
  }
}

TEST(DelayEstimator, OneStallDoesNotRaiseTheTarget) {
  delay_estimator estimator({milliseconds(20), milliseconds(200)});
  sample_count arrival = 0;
  for (int i = 0; i < 400; ++i) {
    const auto sent = i * sample_count{960};
    arrival = i >= 200 && i < 225 ? 225 * sample_count{960} : sent;
    estimator.add(arrival, arrival - sent, 960);
  }

  EXPECT_EQ(estimator.target(), samples_in(milliseconds(20)));
}

TEST(DelayEstimator, ASlowerRouteIsNotJitter) {
  delay_estimator estimator({milliseconds(20), milliseconds(200)});
  for (int i = 0; i < 600; ++i) {
    const auto sent = i * sample_count{960};
    const auto transit = samples_in(milliseconds(i < 200 ? 30 : 180));
    estimator.add(sent + transit, transit, 960);
  }

  EXPECT_EQ(estimator.base(), samples_in(milliseconds(180)));
  EXPECT_EQ(estimator.target(), samples_in(milliseconds(20)));
}

TEST(DelayEstimator, RisesFastWithJitterAndFallsSlowly) {
  std::mt19937 random(8);
  delay_estimator estimator({milliseconds(20), milliseconds(200)});
  sample_count sent = 0;
  const auto run = [&](int packets, sample_count jitter) {
    for (int i = 0; i < packets; ++i, sent += 960) {
      const auto late = jitter == 0 ? 0 : static_cast<sample_count>(random()) % jitter;
      estimator.add(sent + late, late, 960);
    }
  };
  run(100, 0);

  run(50, samples_in(milliseconds(80)));
  const auto up = estimator.target();
  run(50, 0);
  const auto soon_after = estimator.target();
  run(900, 0);

  EXPECT_GT(up, samples_in(milliseconds(70)));
  EXPECT_GT(soon_after, samples_in(milliseconds(60)));
  EXPECT_EQ(estimator.target(), samples_in(milliseconds(20)));
}

} // namespace
} // namespace plenary::audio
