#include "actors/audio/rtp.hpp"
#include "actors/audio/rtp_sender.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace plenary::audio {
namespace {

send_settings settings_of(std::uint32_t clock_rate) {
  send_settings settings;
  settings.ssrc = 42;
  settings.first_sequence_number = 65535;
  settings.first_timestamp = 1000;
  settings.payload_type = 111;
  settings.clock_rate = clock_rate;
  settings.remote = make_endpoint("127.0.0.1", 4000).value();
  settings.port = 3;
  return settings;
}

srtp_keys some_keys() {
  return {crypto_suite::aead_aes_128_gcm, std::vector<std::uint8_t>(28, 7)};
}

class RtpSender : public testing::Test {
protected:
  RtpSender() { batch.reserve(8, 8); }

  packet_batch batch;
  const std::vector<std::uint8_t> payload{1, 2, 3, 4};
};

TEST_F(RtpSender, NumbersPacketsAndKeepsTimeThroughGaps) {
  rtp_sender sender(settings_of(48000), nullptr);
  sender.attach(&batch);

  sender.send(payload, 100, true);
  sender.send(payload, 101, false);
  sender.send(payload, 151, true); // a second later

  ASSERT_EQ(batch.entries().size(), 3U);
  const auto first = parse_rtp(batch.entries()[0].header).value();
  const auto second = parse_rtp(batch.entries()[1].header).value();
  const auto third = parse_rtp(batch.entries()[2].header).value();
  EXPECT_EQ(first.sequence_number, 65535);
  EXPECT_EQ(second.sequence_number, 0);
  EXPECT_EQ(third.sequence_number, 1);
  EXPECT_EQ(first.timestamp, 1000U);
  EXPECT_EQ(second.timestamp, 1960U);
  EXPECT_EQ(third.timestamp, 1000U + 51 * 960);
  EXPECT_TRUE(first.marker);
  EXPECT_FALSE(second.marker);
  EXPECT_EQ(first.ssrc, 42U);
  EXPECT_EQ(first.payload_type, 111);
}

TEST_F(RtpSender, ReferencesPlainPayloads) {
  rtp_sender sender(settings_of(8000), nullptr);
  sender.attach(&batch);

  sender.send(payload, 1, false);

  const auto& entry = batch.entries()[0];
  EXPECT_EQ(entry.payload.data(), payload.data());
  EXPECT_FALSE(entry.whole);
  EXPECT_EQ(entry.from, 3);
  EXPECT_EQ(to_string(entry.to), "127.0.0.1:4000");
}

TEST_F(RtpSender, CopiesAndProtectsWithKeys) {
  rtp_sender sender(settings_of(8000),
                    srtp_session::make(some_keys(), srtp_session::direction::outbound).value());
  auto receiving = srtp_session::make(some_keys(), srtp_session::direction::inbound).value();
  sender.attach(&batch);

  sender.send(payload, 1, false);
  sender.send(payload, 2, false);

  ASSERT_EQ(batch.entries().size(), 2U);
  EXPECT_TRUE(sender.is_protected());
  for (const auto& entry : batch.entries()) {
    EXPECT_TRUE(entry.whole);
    std::vector<std::uint8_t> packet(entry.payload.begin(), entry.payload.end());
    packet.resize(receiving->unprotect(packet));
    const auto parsed = parse_rtp(packet).value();
    EXPECT_TRUE(std::equal(payload.begin(), payload.end(), parsed.payload.begin(), parsed.payload.end()));
  }
}

TEST_F(RtpSender, DropsWhatTheArenaDoesNotHold) {
  packet_batch small;
  small.reserve(2, 1);
  rtp_sender sender(settings_of(8000),
                    srtp_session::make(some_keys(), srtp_session::direction::outbound).value());
  sender.attach(&small);
  const std::vector<std::uint8_t> large(packet_batch::max_protected_bytes - 12 - max_srtp_overhead);

  sender.send(large, 1, false);
  sender.send(large, 2, false);

  EXPECT_EQ(small.entries().size(), 1U);
  EXPECT_EQ(sender.statistics().packets, 1U);
  small.clear();
  sender.send(large, 3, false);
  EXPECT_EQ(small.entries().size(), 1U);
}

TEST_F(RtpSender, GoesOnAfterARedirect) {
  rtp_sender sender(settings_of(48000), nullptr);
  sender.attach(&batch);
  sender.send(payload, 10, false);

  sender.redirect(make_endpoint("127.0.0.2", 5000).value(), 9, 0, 8000);
  sender.send(payload, 11, false);
  sender.send(payload, 12, false);

  const auto& moved = batch.entries()[1];
  const auto second = parse_rtp(moved.header).value();
  const auto third = parse_rtp(batch.entries()[2].header).value();
  EXPECT_EQ(to_string(moved.to), "127.0.0.2:5000");
  EXPECT_EQ(moved.from, 9);
  EXPECT_EQ(second.payload_type, 0);
  EXPECT_EQ(second.sequence_number, 0);
  EXPECT_EQ(second.timestamp, 1000U + 160);
  EXPECT_EQ(third.timestamp, 1000U + 320);
}

TEST_F(RtpSender, DropsPacketsWithoutABatchOrARemote) {
  rtp_sender sender(settings_of(48000), nullptr);
  sender.send(payload, 1, false);
  sender.attach(&batch);
  sender.redirect(endpoint{}, 0, 111, 48000);

  sender.send(payload, 2, false);

  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(sender.statistics().packets, 0U);
}

TEST_F(RtpSender, CountsForSenderReports) {
  rtp_sender sender(settings_of(48000), nullptr);
  sender.attach(&batch);

  sender.send(payload, 1, false);
  sender.send(payload, 3, false);

  EXPECT_EQ(sender.statistics().ssrc, 42U);
  EXPECT_EQ(sender.statistics().packets, 2U);
  EXPECT_EQ(sender.statistics().octets, 8U);
  EXPECT_EQ(sender.statistics().latest_timestamp, 1000U + 1920);
}

} // namespace
} // namespace plenary::audio
