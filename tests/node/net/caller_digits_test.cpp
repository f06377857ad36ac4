// Keys that a caller presses, as telephone events, as tones in the sound, or both: what the leg is told.
#include "node/net/receiving_leg.hpp"
#include "tests/audio/key_tone.hpp"

#include <gtest/gtest.h>

#include <string>

namespace plenary {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t event_type = 101;

/// A caller of G.711 whose packets reach the leg.
class dialling_caller {
public:
  explicit dialling_caller(bool clamped = true)
      : leg_({}, settings(clamped), ring_, [this](const media_event& event) {
        if (const auto* digit = std::get_if<digit_pressed>(&event)) {
          told += digit->digit;
          durations.push_back(digit->duration);
        }
      }) {
    leg_.update(settings(clamped));
  }

  /// Sends the key's tone, telephone events, or both for so many packets of 20 ms.
  void press(char key, int packets, bool tone, bool events) {
    audio::telephone_sound sound(audio::tone_detector::rate);
    if (tone)
      sound.press({.key = key}, packets * 20.0);
    else
      sound.rest(packets * 20.0);
    const auto samples = sound.samples();
    const auto first = timestamp_;
    for (int i = 0; i < packets; ++i) {
      send_sound(std::span(samples).subspan(static_cast<std::size_t>(i) * 160, 160));
      if (events)
        send_event(key, first, i + 1, i + 1 == packets);
    }
    if (events)
      send_event(key, first, packets, true);
  }

  void rest(int packets) {
    const std::vector<std::int16_t> silence(160);
    for (int i = 0; i < packets; ++i)
      send_sound(silence);
  }

  receiving_leg& leg() { return leg_; }
  audio::packet_ring& ring() { return *ring_; }
  mono_time now() const { return now_; }

  std::string told;
  std::vector<std::chrono::milliseconds> durations;

private:
  static receive_settings settings(bool clamped) {
    receive_settings made;
    made.audio_payload_types = {0};
    made.telephone_event = event_type;
    if (clamped)
      made.tone_payloads = {{0, audio::codec_kind::pcmu, false}};
    return made;
  }

  void send(std::uint8_t type, std::uint32_t timestamp, std::span<const std::uint8_t> payload) {
    audio::rtp_packet packet;
    packet.payload_type = type;
    packet.sequence_number = sequence_++;
    packet.timestamp = timestamp;
    packet.ssrc = 7;
    const auto header = audio::write_rtp_header(packet);
    std::vector<std::uint8_t> bytes(header.begin(), header.end());
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    EXPECT_EQ(leg_.receive_rtp(bytes, source_, now_), reception::accepted);
    while (const auto seen = ring_->front()) {
      clamped_samples += seen->info.tone.to - seen->info.tone.from;
      ring_->pop();
    }
  }

  void send_sound(std::span<const std::int16_t> samples) {
    std::vector<std::uint8_t> payload;
    for (const int sample : samples)
      payload.push_back(mu_law(sample));
    send(0, timestamp_, payload);
    timestamp_ += 160;
    now_ += 20ms;
  }

  void send_event(char key, std::uint32_t timestamp, int packets, bool end) {
    const std::string keys = "0123456789*#ABCD";
    const auto duration = static_cast<unsigned>(packets) * 160;
    const std::array<std::uint8_t, 4> payload{
        static_cast<std::uint8_t>(keys.find(key)), static_cast<std::uint8_t>(end ? 0x8a : 0x0a),
        static_cast<std::uint8_t>(duration >> 8U), static_cast<std::uint8_t>(duration)};
    send(event_type, timestamp, payload);
  }

  /// ITU-T G.711, by its definition.
  static std::uint8_t mu_law(int sample) {
    const int sign = sample < 0 ? 0x80 : 0;
    int magnitude = std::min(std::abs(sample), 32635) + 132;
    int exponent = 7;
    while (exponent > 0 && (magnitude & (1 << (exponent + 7))) == 0)
      --exponent;
    return static_cast<std::uint8_t>(~(sign | (exponent << 4) | ((magnitude >> (exponent + 3)) & 0x0f)));
  }

public:
  int clamped_samples = 0;

private:
  std::shared_ptr<audio::packet_ring> ring_ = std::make_shared<audio::packet_ring>();
  receiving_leg leg_;
  audio::endpoint source_ = *audio::make_endpoint("192.0.2.1", 4000);
  mono_time now_{1h};
  std::uint32_t timestamp_ = 5000;
  std::uint16_t sequence_ = 65530;
};

TEST(CallerDigits, TellsADigitOnceHoweverItIsSent) {
  for (const bool tone : {true, false})
    for (const bool events : {true, false})
      for (const int packets : {3, 5, 25}) {
        dialling_caller caller;

        caller.rest(10);
        caller.press('4', packets, tone, events);
        caller.rest(20);

        EXPECT_EQ(caller.told, tone || events ? "4" : "") << tone << events << packets;
        EXPECT_EQ(caller.leg().take_clamped_tones(), tone ? 1U : 0U);
        if (tone)
          EXPECT_NEAR(caller.clamped_samples, (packets * 20 - 5) * 48, 30 * 48) << packets;
        else
          EXPECT_EQ(caller.clamped_samples, 0);
      }
}

TEST(CallerDigits, ANumberThatIsDialledInMixedWaysIsToldAsItWasDialled) {
  dialling_caller caller;
  const std::string number = "0044112233*#555";

  for (std::size_t i = 0; i < number.size(); ++i) {
    caller.press(number[i], 5, i % 3 != 1, i % 3 != 2);
    caller.rest(6);
  }
  caller.rest(20);

  EXPECT_EQ(caller.told, number);
}

TEST(CallerDigits, ATonesDurationIsTold) {
  dialling_caller caller;

  caller.rest(5);
  caller.press('9', 10, true, false);
  caller.rest(10);

  ASSERT_EQ(caller.told, "9");
  EXPECT_NEAR(static_cast<double>(caller.durations[0].count()), 200, 20);
}

TEST(CallerDigits, ADigitWhosePacketsStopIsToldAllTheSame) {
  dialling_caller caller;
  caller.press('9', 10, true, false);
  EXPECT_EQ(caller.told, "");

  caller.leg().expire_digit(caller.now() + 300ms);

  EXPECT_EQ(caller.told, "9");
}

TEST(CallerDigits, WhereTonesAreNotClampedTheyAreSound) {
  dialling_caller caller(false);

  caller.press('9', 10, true, false);
  caller.rest(20);

  EXPECT_EQ(caller.told, "");
  EXPECT_EQ(caller.clamped_samples, 0);
}

} // namespace
} // namespace plenary
