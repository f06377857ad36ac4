#include "actors/leg/telephone_event.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <string>

namespace plenary {
namespace {

using namespace std::chrono_literals;

const mono_time first_key_at{1h};

std::array<std::uint8_t, 4> payload(char digit, unsigned duration, bool end) {
  const std::string digits = "0123456789*#ABCD";
  return {static_cast<std::uint8_t>(digits.find(digit)), static_cast<std::uint8_t>(end ? 0x8A : 0x0A),
          static_cast<std::uint8_t>(duration >> 8), static_cast<std::uint8_t>(duration)};
}

char told(const std::optional<digit_pressed>& digit) {
  return digit ? digit->digit : '-';
}

TEST(TelephoneEvent, TellsADigitOnceHoweverOftenItsEndIsRepeated) {
  telephone_event_receiver receiver{8000};

  EXPECT_EQ(told(receiver.receive(payload('5', 160, false), 1000, first_key_at)), '-');
  EXPECT_EQ(told(receiver.receive(payload('5', 320, false), 1000, first_key_at + 20ms)), '-');
  auto finished = receiver.receive(payload('5', 800, true), 1000, first_key_at + 80ms);
  EXPECT_EQ(told(receiver.receive(payload('5', 800, true), 1000, first_key_at + 81ms)), '-');
  EXPECT_EQ(told(receiver.receive(payload('5', 800, true), 1000, first_key_at + 82ms)), '-');
  EXPECT_EQ(told(receiver.expire(first_key_at + 10s)), '-');

  EXPECT_EQ(told(finished), '5');
  EXPECT_EQ(finished->duration, 100ms);
}

TEST(TelephoneEvent, TellsTheSameDigitTwiceWhenPressedTwice) {
  telephone_event_receiver receiver{8000};

  EXPECT_EQ(told(receiver.receive(payload('1', 400, true), 1000, first_key_at)), '1');
  EXPECT_EQ(told(receiver.receive(payload('1', 400, true), 3000, first_key_at + 250ms)), '1');
}

TEST(TelephoneEvent, TellsADigitWhoseEndWasLostWhenTheNextOneBegins) {
  telephone_event_receiver receiver{48000};

  receiver.receive(payload('7', 4800, false), 1000, first_key_at);
  auto finished = receiver.receive(payload('8', 960, false), 20000, first_key_at + 150ms);

  EXPECT_EQ(told(finished), '7');
  EXPECT_EQ(finished->duration, 100ms);
  EXPECT_EQ(told(receiver.receive(payload('8', 1920, true), 20000, first_key_at + 170ms)), '8');
}

TEST(TelephoneEvent, TellsADigitWhoseEndWasLostAfterSilence) {
  telephone_event_receiver receiver{8000};

  receiver.receive(payload('#', 400, false), 1000, first_key_at);

  EXPECT_EQ(told(receiver.expire(first_key_at + 199ms)), '-');
  EXPECT_EQ(told(receiver.expire(first_key_at + 200ms)), '#');
  EXPECT_EQ(told(receiver.expire(first_key_at + 300ms)), '-');
  EXPECT_EQ(told(receiver.receive(payload('#', 800, true), 1000, first_key_at + 400ms)), '-');
}

TEST(TelephoneEvent, TellsBothDigitsWhenOnlyEndPacketsArrive) {
  telephone_event_receiver receiver{8000};

  receiver.receive(payload('1', 400, false), 1000, first_key_at);
  EXPECT_EQ(told(receiver.receive(payload('2', 400, true), 5000, first_key_at + 100ms)), '1');
  EXPECT_EQ(told(receiver.receive(payload('2', 400, true), 5000, first_key_at + 101ms)), '2');
}

TEST(TelephoneEvent, IgnoresOvertakenPacketsAndWhatIsNoDigit) {
  telephone_event_receiver receiver{8000};
  const std::array<std::uint8_t, 4> flash{16, 0x80, 1, 0};
  const std::array<std::uint8_t, 3> runt{1, 0x80, 1};

  EXPECT_EQ(told(receiver.receive(payload('1', 400, true), 9000, first_key_at)), '1');
  EXPECT_EQ(told(receiver.receive(payload('9', 400, true), 1000, first_key_at + 5ms)), '-');
  EXPECT_EQ(told(receiver.receive(flash, 20000, first_key_at + 10ms)), '-');
  EXPECT_EQ(told(receiver.receive(runt, 30000, first_key_at + 15ms)), '-');
}

TEST(TelephoneEvent, FindsEveryDigitUnderLossAndRepetition) {
  const std::string keys = "0123456789*#ABCD";
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random{seed};
    telephone_event_receiver receiver{8000};
    std::string pressed;
    std::string heard;
    auto take = [&heard](const std::optional<digit_pressed>& digit) {
      if (digit)
        heard += digit->digit;
    };
    auto now = first_key_at;
    for (std::uint32_t i = 0; i < 20; ++i) {
      pressed += keys[random() % keys.size()];
      const std::uint32_t timestamp = 0xFFFF0000U + i * 4000; // wraps on the way
      const unsigned never_lost = random() % 8;
      for (unsigned packet = 0; packet < 8; ++packet, now += 20ms)
        if (packet == never_lost || random() % 10 >= 3)
          take(receiver.receive(payload(pressed.back(), 160 * (packet + 1), packet >= 5), timestamp, now));
      now += 300ms;
      take(receiver.expire(now));
    }

    EXPECT_EQ(heard, pressed) << "seed " << seed;
  }
}

} // namespace
} // namespace plenary
