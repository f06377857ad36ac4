#include "actors/audio/packet_ring.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <random>
#include <thread>
#include <vector>

namespace plenary::audio {
namespace {

packet_info info_of(std::uint32_t number) {
  packet_info info;
  info.arrival = mono_time(std::chrono::milliseconds(number));
  info.timestamp = number * 160;
  info.ssrc = ~number;
  info.sequence_number = static_cast<std::uint16_t>(number);
  info.payload_type = number % 128;
  info.marker = number % 2 == 0;
  if (number % 3 == 0)
    info.level = number % 127;
  return info;
}

std::vector<std::uint8_t> payload_of(std::uint32_t number) {
  std::vector<std::uint8_t> payload(number * 7 % 173);
  for (std::size_t i = 0; i < payload.size(); ++i)
    payload[i] = static_cast<std::uint8_t>(number + i);
  return payload;
}

void expect_packet(const packet_ring::view& packet, std::uint32_t number) {
  const auto info = info_of(number);
  const auto payload = payload_of(number);
  EXPECT_EQ(packet.info.arrival, info.arrival);
  EXPECT_EQ(packet.info.timestamp, info.timestamp);
  EXPECT_EQ(packet.info.ssrc, info.ssrc);
  EXPECT_EQ(packet.info.sequence_number, info.sequence_number);
  EXPECT_EQ(packet.info.payload_type, info.payload_type);
  EXPECT_EQ(packet.info.marker, info.marker);
  EXPECT_EQ(packet.info.level, info.level);
  EXPECT_TRUE(std::equal(payload.begin(), payload.end(), packet.payload.begin(), packet.payload.end()));
}

TEST(PacketRing, ALookoutSeesWhatComesAfterTheLatestPop) {
  packet_ring ring;
  ring.push(info_of(1), payload_of(1));
  ring.pop();
  const auto lookout = ring.watch();

  const bool before = lookout.anything_new();
  ring.push(info_of(2), payload_of(2));

  EXPECT_FALSE(before);
  EXPECT_TRUE(lookout.anything_new());
  EXPECT_TRUE(ring.watch().anything_new());
}

TEST(PacketRing, GivesPacketsBackInOrderAndWhole) {
  constexpr unsigned seed = 5;
  std::mt19937 random(seed);
  packet_ring ring(2048);
  std::deque<std::uint32_t> inside;
  std::uint32_t next = 0;

  for (int i = 0; i < 20000; ++i) {
    if (random() % 2 == 0) {
      if (ring.push(info_of(next), payload_of(next)))
        inside.push_back(next);
      ++next;
      continue;
    }
    const auto packet = ring.front();
    ASSERT_EQ(packet.has_value(), !inside.empty()) << "seed " << seed << " step " << i;
    if (!packet)
      continue;
    expect_packet(*packet, inside.front());
    inside.pop_front();
    ring.pop();
  }

  EXPECT_GT(next, 1000U);
}

TEST(PacketRing, RefusesAndCountsWhatDoesNotFit) {
  packet_ring ring(1024);
  const std::vector<std::uint8_t> payload(100);
  int pushed = 0;

  while (ring.push({}, payload))
    ++pushed;

  EXPECT_GE(pushed, 5);
  EXPECT_EQ(ring.overflows(), 1U);
  ring.pop();
  EXPECT_TRUE(ring.push({}, payload));
}

TEST(PacketRing, RefusesAPayloadLargerThanItself) {
  packet_ring ring(1024);
  const std::vector<std::uint8_t> payload(2000);

  EXPECT_FALSE(ring.push({}, payload));
  EXPECT_FALSE(ring.front());
}

TEST(PacketRing, HoldsAlmostTwoSecondsOfG711) {
  packet_ring ring;
  const std::vector<std::uint8_t> payload(160);
  int pushed = 0;

  while (ring.push({}, payload))
    ++pushed;

  EXPECT_GE(pushed, 70);
}

TEST(PacketRing, AnEmptyPayloadIsAPacketToo) {
  packet_ring ring;

  ASSERT_TRUE(ring.push(info_of(9), {}));

  ASSERT_TRUE(ring.front());
  EXPECT_TRUE(ring.front()->payload.empty());
  ring.pop();
  EXPECT_FALSE(ring.front());
}

TEST(PacketRing, OneThreadWritesWhileAnotherReads) {
  constexpr std::uint32_t packets = 30000;
  packet_ring ring(4096);

  std::thread producer([&] {
    for (std::uint32_t i = 0; i < packets;) {
      if (ring.push(info_of(i), payload_of(i)))
        ++i;
      else
        std::this_thread::yield();
    }
  });
  for (std::uint32_t i = 0; i < packets;) {
    const auto packet = ring.front();
    if (!packet) {
      std::this_thread::yield();
      continue;
    }
    expect_packet(*packet, i++);
    ring.pop();
  }
  producer.join();

  EXPECT_FALSE(ring.front());
}

} // namespace
} // namespace plenary::audio
