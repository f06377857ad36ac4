// Keys that a telephone sends as tones in its sound, at a real node: digits of the call, not sound of the
// room.

#include "tests/integration/live_node.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <future>
#include <numbers>

namespace plenary::test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view keys = "123A456B789C*0#D";
constexpr std::array<double, 4> rows{697, 770, 852, 941};
constexpr std::array<double, 4> columns{1209, 1336, 1477, 1633};
constexpr double key_dbfs = -13;     ///< of each of a key's two tones
constexpr double unheard_dbfs = -53; ///< 40 dB below them
constexpr double voice_hertz = 2350; ///< of the other who talks
constexpr milliseconds longest_leak{40};

/// Behind what is there: both tones of a key, or (no key) silence.
void add(std::vector<std::int16_t>& sound, int rate, char key, int ms) {
  const auto index = keys.find(key);
  const double amplitude = 32767 * std::pow(10, key_dbfs / 20);
  for (int i = 0; i < rate * ms / 1000; ++i) {
    double sample = 0;
    if (index != std::string_view::npos)
      for (const double hertz : {rows[index / 4], columns[index % 4]})
        sample += amplitude * std::sin(2 * std::numbers::pi * hertz * i / rate);
    sound.push_back(static_cast<std::int16_t>(std::lround(sample)));
  }
}

/// Every key once: the first for 40 ms, each next one 4 ms longer, the last for 100 ms.
std::vector<std::int16_t> all_keys(int rate) {
  std::vector<std::int16_t> sound;
  int ms = 40;
  for (const char key : keys) {
    add(sound, rate, key, ms);
    add(sound, rate, ' ', 160);
    ms += 4;
  }
  return sound;
}

/// Level of one frequency in 20 ms at 8 kHz, by Goertzel under a Hann window; a sine of full scale has 0
/// dBFS.
double goertzel_dbfs(std::span<const std::int16_t> samples, double hertz) {
  const auto size = static_cast<double>(samples.size());
  const double turn = 2 * std::numbers::pi * hertz / 8000;
  const double coefficient = 2 * std::cos(turn);
  double latest = 0;
  double before = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / size);
    const double next = window * samples[i] / 32768 + coefficient * latest - before;
    before = std::exchange(latest, next);
  }
  const double power = latest * latest + before * before - coefficient * latest * before;
  return 10 * std::log10(std::max(power, 1e-12)) + 20 * std::log10(4 / size);
}

/// How a key's tones are in what somebody heard.
struct heard_key {
  double loudest_dbfs = -120; ///< of the weaker of its tones, at best
  milliseconds longest{0};    ///< time at a stretch within 40 dB of what was sent, of either tone
};

heard_key find_key(std::span<const std::int16_t> heard, char key) {
  constexpr std::size_t window = 160;
  constexpr std::size_t step = 40;
  const auto index = keys.find(key);
  heard_key found;
  milliseconds stretch{0};
  for (std::size_t at = 0; at + window <= heard.size(); at += step) {
    const double row = goertzel_dbfs(heard.subspan(at, window), rows[index / 4]);
    const double column = goertzel_dbfs(heard.subspan(at, window), columns[index % 4]);
    found.loudest_dbfs = std::max(found.loudest_dbfs, std::min(row, column));
    stretch = std::max(row, column) > unheard_dbfs ? stretch + milliseconds(5) : milliseconds(0);
    found.longest = std::max(found.longest, stretch);
  }
  return found;
}

class KeyTones : public LiveNode {
protected:
  /// Alice's telephone speaks this codec; Bob listens while Carol talks.
  void enter(std::uint8_t payload_type) {
    auto options = caller(0, "+15550000001");
    options.payload_type = payload_type;
    alice_ = std::make_unique<rtp_caller>(options);
    bob_ = std::make_unique<rtp_caller>(caller(0, "+15550000002"));
    carol_ = std::make_unique<rtp_caller>(caller(voice_hertz, "+15550000003"));
    ASSERT_TRUE(alice_->call());
    ASSERT_TRUE(bob_->call());
    ASSERT_TRUE(carol_->call());
    ASSERT_TRUE(bob_->wait_for_tone(voice_hertz));
  }

  /// What Bob hears while Alice's telephone says this.
  std::vector<std::int16_t> heard_of(const std::vector<std::int16_t>& sound) {
    const milliseconds length(static_cast<int>(sound.size()) * 1000 / alice_->sound_rate());
    auto heard = std::async(std::launch::async, [&] { return bob_->listen(length + milliseconds(500)); });
    alice_->say(sound);
    return heard.get();
  }

  double digits() const { return metric("plenary_media_dtmf_digits_total"); }

  void leave() {
    for (auto* each : {&alice_, &bob_, &carol_})
      EXPECT_EQ((*each)->hang_up(), 200);
  }

  /// One telephone after another: nobody hears its keys, each is told once.
  void expect_clamped(std::uint8_t payload_type, std::string_view name) {
    SCOPED_TRACE(name);
    ASSERT_NO_FATAL_FAILURE(enter(payload_type));
    const double before = digits();

    const auto heard = heard_of(all_keys(alice_->sound_rate()));

    EXPECT_TRUE(eventually([&] { return digits() >= before + 16; }));
    EXPECT_EQ(digits(), before + 16);
    milliseconds longest{0};
    for (const char key : keys)
      longest = std::max(longest, find_key(heard, key).longest);
    fmt::print("{}: a key's tones are heard for {} ms at most, the room at {:.1f} dBFS\n", name,
               longest.count(), heard_level(heard, voice_hertz));
    EXPECT_LE(longest, longest_leak);
    EXPECT_GT(heard_level(heard, voice_hertz), -25) << "who talks is heard all the same";
    leave();
  }

  std::unique_ptr<rtp_caller> alice_;
  std::unique_ptr<rtp_caller> bob_;
  std::unique_ptr<rtp_caller> carol_;
};

TEST_F(KeyTones, InTheSoundAreDigitsAndNobodyHearsThem) {
  start();
  expect_clamped(0, "PCMU");
  expect_clamped(9, "G.722");
}

TEST_F(KeyTones, ThatCameAsTelephoneEventsTooAreOneDigit) {
  start();
  for (const std::uint8_t payload_type : {std::uint8_t{0}, std::uint8_t{9}}) {
    SCOPED_TRACE(payload_type == 0 ? "PCMU" : "G.722");
    ASSERT_NO_FATAL_FAILURE(enter(payload_type));
    for (const char key : keys) {
      const double before = digits();
      std::vector<std::int16_t> sound;
      add(sound, alice_->sound_rate(), key, 100);
      add(sound, alice_->sound_rate(), ' ', 400);

      alice_->press(key, true);
      const auto heard = heard_of(sound);

      EXPECT_TRUE(eventually([&] { return digits() > before; })) << key;
      EXPECT_EQ(digits(), before + 1) << key;
      EXPECT_LE(find_key(heard, key).longest, longest_leak) << key;
    }
    leave();
  }
}

TEST_F(KeyTones, OfOneKeyBesideTheEventOfAnotherAreTwoDigits) {
  start();
  ASSERT_NO_FATAL_FAILURE(enter(0));
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const double before = digits();
    std::vector<std::int16_t> sound;
    add(sound, 8000, keys[i], 100);
    add(sound, 8000, ' ', 400);

    alice_->press(keys[(i + 1) % keys.size()], true);
    alice_->say(sound);

    EXPECT_TRUE(eventually([&] { return digits() >= before + 2; })) << keys[i];
    EXPECT_EQ(digits(), before + 2) << keys[i];
  }
}

TEST_F(KeyTones, AreHeardWhereTheFileSaysThatTheyStay) {
  plenaryd_settings settings;
  settings.lines["media"] = "clamp_dtmf = false";
  start(settings);
  for (const std::uint8_t payload_type : {std::uint8_t{0}, std::uint8_t{9}}) {
    SCOPED_TRACE(payload_type == 0 ? "PCMU" : "G.722");
    ASSERT_NO_FATAL_FAILURE(enter(payload_type));

    const auto heard = heard_of(all_keys(alice_->sound_rate()));

    for (const char key : keys)
      EXPECT_GT(find_key(heard, key).loudest_dbfs, key_dbfs - 6) << key;
    EXPECT_EQ(digits(), 0);
    leave();
  }
}

} // namespace

} // namespace plenary::test
