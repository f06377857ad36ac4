#include "actors/audio/rtp.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace plenary::audio {
namespace {

using bytes = std::vector<std::uint8_t>;

/// A header of payload type 96, sequence 0x1234, then `rest`.
bytes packet_of(std::uint8_t first, const bytes& rest) {
  bytes packet{first, 0xe0, 0x12, 0x34, 0, 0, 0, 0xa0, 0xde, 0xad, 0xbe, 0xef};
  packet.insert(packet.end(), rest.begin(), rest.end());
  return packet;
}

struct valid_case {
  std::string name;
  bytes packet;
  bytes payload;
  std::optional<std::uint8_t> level;
};

const valid_case valid_cases[] = {
    {"plain", packet_of(0x80, {1, 2, 3}), {1, 2, 3}, {}},
    {"empty payload", packet_of(0x80, {}), {}, {}},
    {"two CSRCs", packet_of(0x82, {0, 0, 0, 1, 0, 0, 0, 2, 9}), {9}, {}},
    {"padding", packet_of(0xa0, {7, 0, 0, 3}), {7}, {}},
    {"only padding", packet_of(0xa0, {1}), {}, {}},
    {"level", packet_of(0x90, {0xbe, 0xde, 0, 1, 0x10, 0xa3, 0, 0, 5}), {5}, std::uint8_t{0x23}},
    {"level after another",
     packet_of(0x90, {0xbe, 0xde, 0, 1, 0x20, 0xff, 0x10, 0x7f, 5}),
     {5},
     std::uint8_t{127}},
    {"level after padding", packet_of(0x90, {0xbe, 0xde, 0, 1, 0, 0, 0x10, 0x01, 5}), {5}, std::uint8_t{1}},
    {"level after stop", packet_of(0x90, {0xbe, 0xde, 0, 1, 0xf0, 0, 0x10, 0x01, 5}), {5}, {}},
    {"element leaves extension", packet_of(0x90, {0xbe, 0xde, 0, 1, 0x2f, 0, 0x10, 0x01, 5}), {5}, {}},
    {"two-byte profile", packet_of(0x90, {0x10, 0, 0, 1, 1, 1, 0x10, 0, 5}), {5}, {}},
    {"empty extension", packet_of(0x90, {0xbe, 0xde, 0, 0, 5}), {5}, {}},
};

TEST(Rtp, ReadsValidPackets) {
  for (const auto& row : valid_cases) {
    const auto packet = parse_rtp(row.packet, 1);

    ASSERT_TRUE(packet) << row.name;
    EXPECT_EQ(packet->payload_type, 96) << row.name;
    EXPECT_TRUE(packet->marker);
    EXPECT_EQ(packet->sequence_number, 0x1234);
    EXPECT_EQ(packet->timestamp, 0xa0U);
    EXPECT_EQ(packet->ssrc, 0xdeadbeefU);
    EXPECT_EQ(packet->level, row.level) << row.name;
    EXPECT_EQ(bytes(packet->payload.begin(), packet->payload.end()), row.payload) << row.name;
  }
}

TEST(Rtp, RefusesLengthsThatLeaveThePacket) {
  const std::pair<std::string, bytes> rows[] = {
      {"empty", {}},
      {"eleven bytes", bytes(11, 0x80)},
      {"version 1", packet_of(0x40, {1})},
      {"CSRCs missing", packet_of(0x81, {0, 0, 0})},
      {"extension header missing", packet_of(0x90, {0xbe, 0xde, 0})},
      {"extension too long", packet_of(0x90, {0xbe, 0xde, 0, 2, 1, 2, 3, 4})},
      {"padding of 0", packet_of(0xa0, {1, 0})},
      {"padding eats the header", packet_of(0xa0, {1, 3})},
      {"padding bit without payload", packet_of(0xa0, {})},
  };
  for (const auto& [name, packet] : rows) {
    const auto parsed = parse_rtp(packet, 1);

    ASSERT_FALSE(parsed) << name;
    EXPECT_EQ(parsed.error().code, errc::malformed) << name;
  }
}

TEST(Rtp, IgnoresTheExtensionThatWasNotAskedFor) {
  const auto packet = packet_of(0x90, {0xbe, 0xde, 0, 1, 0x10, 0x23, 0, 0, 5});

  EXPECT_FALSE(parse_rtp(packet, 0)->level);
  EXPECT_FALSE(parse_rtp(packet, 2)->level);
}

TEST(Rtp, AWrittenHeaderReadsBackTheSame) {
  rtp_packet packet;
  packet.payload_type = 111;
  packet.marker = true;
  packet.sequence_number = 65535;
  packet.timestamp = 0xfedcba98;
  packet.ssrc = 0x01020304;

  const auto header = write_rtp_header(packet);

  const auto read = parse_rtp(header).value();
  EXPECT_EQ(read.payload_type, 111);
  EXPECT_TRUE(read.marker);
  EXPECT_EQ(read.sequence_number, 65535);
  EXPECT_EQ(read.timestamp, 0xfedcba98U);
  EXPECT_EQ(read.ssrc, 0x01020304U);
}

TEST(Rtp, TellsRtcpFromRtp) {
  for (int type = 0; type < 256; ++type) {
    const bytes packet{0x80, static_cast<std::uint8_t>(type), 0, 0};
    EXPECT_EQ(is_rtcp(packet), type >= 192 && type <= 223) << type;
  }
  EXPECT_FALSE(is_rtcp(bytes{0x80}));
  EXPECT_FALSE(is_rtcp(bytes{0x00, 200}));
}

TEST(Rtp, MutatedPacketsNeverLeadOutside) {
  constexpr unsigned seed = 991;
  std::mt19937 random(seed);
  int accepted = 0;
  for (int i = 0; i < 50000; ++i) {
    auto packet = valid_cases[random() % std::size(valid_cases)].packet;
    for (auto changes = random() % 4; changes > 0 && !packet.empty(); --changes)
      packet[random() % packet.size()] = static_cast<std::uint8_t>(random());
    packet.resize(random() % 3 == 0 ? random() % (packet.size() + 1) : packet.size());
    packet.shrink_to_fit(); // so that ASan sees the first byte outside

    const auto parsed = parse_rtp(packet, static_cast<std::uint8_t>(random() % 16));

    if (!parsed)
      continue;
    ++accepted;
    unsigned sum = 0;
    for (const auto byte : parsed->payload)
      sum += byte;
    ASSERT_LE(parsed->payload.size() + 12, packet.size()) << "seed " << seed << " input " << i << ' ' << sum;
  }
  EXPECT_GT(accepted, 5000);
}

} // namespace
} // namespace plenary::audio
