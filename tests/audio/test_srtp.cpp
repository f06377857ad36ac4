#include "actors/audio/rtp.hpp"
#include "actors/audio/srtp.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace plenary::audio {
namespace {

using direction = srtp_session::direction;
constexpr crypto_suite suites[] = {crypto_suite::aead_aes_128_gcm, crypto_suite::aes_cm_128_hmac_sha1_80};

srtp_keys keys_of(crypto_suite suite, std::uint8_t first = 1) {
  srtp_keys keys{suite, std::vector<std::uint8_t>(key_and_salt_size(suite))};
  std::iota(keys.key_and_salt.begin(), keys.key_and_salt.end(), first);
  return keys;
}

std::unique_ptr<srtp_session> session_of(const srtp_keys& keys, direction which) {
  return srtp_session::make(keys, which).value();
}

std::vector<std::uint8_t> rtp_of(std::uint16_t sequence_number) {
  rtp_packet packet;
  packet.sequence_number = sequence_number;
  packet.ssrc = 77;
  const auto header = write_rtp_header(packet);
  std::vector<std::uint8_t> packet_bytes(header.begin(), header.end());
  packet_bytes.resize(112, 0x5a);
  return packet_bytes;
}

std::vector<std::uint8_t> protect(srtp_session& session, std::vector<std::uint8_t> packet) {
  const auto size = packet.size();
  packet.resize(size + max_srtp_overhead);
  packet.resize(session.protect(packet, size));
  return packet;
}

TEST(Srtp, OpensWhatTheOtherEndProtected) {
  for (const auto suite : suites) {
    auto sending = session_of(keys_of(suite), direction::outbound);
    auto receiving = session_of(keys_of(suite), direction::inbound);
    for (std::uint16_t number = 65530; number != 5; ++number) { // over the rollover (RFC 3711 section 3.3.1)
      const auto plain = rtp_of(number);
      auto packet = protect(*sending, plain);
      ASSERT_GT(packet.size(), plain.size()) << to_string(suite);
      EXPECT_FALSE(std::equal(plain.begin() + 12, plain.end(), packet.begin() + 12));

      packet.resize(receiving->unprotect(packet));

      EXPECT_EQ(packet, plain) << to_string(suite) << ' ' << number;
    }
  }
}

TEST(Srtp, RemembersTheLatestFourStreamsAlone) {
  for (const auto suite : suites) {
    auto sending = session_of(keys_of(suite), direction::outbound);
    auto receiving = session_of(keys_of(suite), direction::inbound);
    std::vector<std::vector<std::uint8_t>> sent;
    for (std::uint8_t ssrc = 1; ssrc <= max_srtp_streams + 1; ++ssrc) {
      auto plain = rtp_of(1);
      plain[11] = ssrc;
      sent.push_back(protect(*sending, plain));
      auto packet = sent.back();
      ASSERT_EQ(receiving->unprotect(packet), 112U);
    }

    for (std::size_t i = sent.size() - 1; i > 0; --i) {
      auto replay = sent[i];
      EXPECT_EQ(receiving->unprotect(replay), 0U) << to_string(suite) << " stream " << i;
    }
    auto forgotten = sent[0];
    EXPECT_EQ(receiving->unprotect(forgotten), 112U) << to_string(suite) << ": its stream is gone";
  }
}

TEST(Srtp, RefusesForgeriesReplaysAndForeignKeys) {
  for (const auto suite : suites) {
    auto sending = session_of(keys_of(suite), direction::outbound);
    auto receiving = session_of(keys_of(suite), direction::inbound);
    auto foreign = session_of(keys_of(suite, 9), direction::inbound);
    const auto packet = protect(*sending, rtp_of(1));
    for (std::size_t i = 0; i < packet.size(); ++i) {
      auto forged = packet;
      forged[i] ^= 0x01;
      EXPECT_EQ(receiving->unprotect(forged), 0U) << to_string(suite) << " byte " << i;
    }
    auto strange = packet;
    auto first = packet;
    auto second = packet;

    EXPECT_EQ(foreign->unprotect(strange), 0U);
    EXPECT_EQ(receiving->unprotect(first), 112U) << to_string(suite);
    EXPECT_EQ(receiving->unprotect(second), 0U) << "replay";
  }
}

TEST(Srtp, AcceptsAReorderingOfManyPackets) {
  auto sending = session_of(keys_of(suites[0]), direction::outbound);
  auto receiving = session_of(keys_of(suites[0]), direction::inbound);
  auto old = protect(*sending, rtp_of(1));
  for (std::uint16_t number = 2; number < 900; ++number) {
    auto packet = protect(*sending, rtp_of(number));
    ASSERT_NE(receiving->unprotect(packet), 0U);
  }

  EXPECT_EQ(receiving->unprotect(old), 112U);
}

TEST(Srtp, ProtectsRtcpToo) {
  for (const auto suite : suites) {
    auto sending = session_of(keys_of(suite), direction::outbound);
    auto receiving = session_of(keys_of(suite), direction::inbound);
    const std::vector<std::uint8_t> report{0x81, 201, 0, 1, 0, 0, 0, 77};
    auto packet = report;
    packet.resize(report.size() + max_srtp_overhead);

    packet.resize(sending->protect_rtcp(packet, report.size()));
    auto forged = packet;
    forged.back() ^= 0x80;

    ASSERT_GT(packet.size(), report.size()) << to_string(suite);
    EXPECT_EQ(receiving->unprotect_rtcp(forged), 0U);
    packet.resize(receiving->unprotect_rtcp(packet));
    EXPECT_EQ(packet, report) << to_string(suite);
  }
}

TEST(Srtp, RefusesKeysOfTheWrongLength) {
  for (const auto suite : suites) {
    auto keys = keys_of(suite);
    keys.key_and_salt.pop_back();

    const auto made = srtp_session::make(keys, direction::inbound);

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, errc::malformed);
  }
}

TEST(Srtp, RefusesPacketsWithoutRoomAndShortOnes) {
  auto sending = session_of(keys_of(suites[1]), direction::outbound);
  auto receiving = session_of(keys_of(suites[1]), direction::inbound);
  auto packet = rtp_of(1);
  std::vector<std::uint8_t> nothing;

  EXPECT_EQ(sending->protect(packet, packet.size()), 0U);
  EXPECT_EQ(receiving->unprotect(nothing), 0U);
  for (std::size_t size = 1; size < 24; ++size) {
    std::vector<std::uint8_t> rest(size, 0x80);
    EXPECT_EQ(receiving->unprotect(rest), 0U) << size;
    EXPECT_EQ(receiving->unprotect_rtcp(rest), 0U) << size;
  }
}

} // namespace
} // namespace plenary::audio
