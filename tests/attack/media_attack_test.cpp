#include "tests/attack/hand_caller.hpp"
#include "tests/attack/sip_senders.hpp"
#include "tests/attack/under_attack.hpp"

#include <array>
#include <future>

namespace plenary::attack::media_attack_test {

namespace {

using std::chrono::milliseconds;

constexpr double victims_tone = 700;
constexpr double attackers_tone = 2500;

constexpr const char* dropped_foreign = "plenary_media_packets_dropped_total{reason=\"foreign_source\"}";
constexpr const char* dropped_malformed = "plenary_media_packets_dropped_total{reason=\"malformed\"}";
constexpr const char* received = "plenary_media_packets_received_total";
constexpr const char* dropped_srtp = "plenary_media_packets_dropped_total{reason=\"srtp\"}";

std::string noise(std::mt19937& random, std::size_t size) {
  std::string bytes(size, '\0');
  for (auto& each : bytes)
    each = static_cast<char>(random() & 0xff);
  return bytes;
}

/// A STUN binding request (RFC 8489 section 5) with `size` bytes of attributes.
std::string stun_request(std::mt19937& random, std::size_t size) {
  const std::string head{0,      1,   static_cast<char>(size >> 8), static_cast<char>(size), 0x21, 0x12,
                         '\xa4', 0x42};
  return head + noise(random, 12 + size);
}

/// The record head of a DTLS 1.2 handshake (RFC 6347 section 4.1), then anything.
std::string dtls_hello(std::mt19937& random, std::size_t size) {
  return std::string{22, '\xfe', '\xfd'} + noise(random, 10 + size);
}

/// An RTCP packet of this type that claims `words` 32-bit words and `count` blocks.
std::string rtcp_packet(std::mt19937& random, std::uint8_t type, unsigned count, std::size_t words) {
  const std::string head{static_cast<char>(0x80U | count), static_cast<char>(type),
                         static_cast<char>(words >> 8), static_cast<char>(words)};
  return head + noise(random, words * 4);
}

void put16(std::string& packet, std::size_t at, unsigned value) {
  packet[at] = static_cast<char>(value >> 8);
  packet[at + 1] = static_cast<char>(value);
}

unsigned get16(const std::string& packet, std::size_t at) {
  return static_cast<unsigned>(static_cast<unsigned char>(packet[at]) << 8 |
                               static_cast<unsigned char>(packet[at + 1]));
}

class MediaAttacks : public UnderAttack {
protected:
  /// Shooters at every media and RTCP port that the witnesses use: from another address, and from theirs.
  std::vector<shooter> strangers() const {
    std::vector<shooter> all;
    for (auto media : talkers->media_addresses())
      for (int above : {0, 1})
        for (const char* from : {"127.0.0.9", "127.0.0.1"}) {
          auto port = media;
          port.port = static_cast<std::uint16_t>(port.port + above);
          all.emplace_back(port, from);
        }
    return all;
  }

  /// `count` rounds of what `make` says, in the listener's time: a tenth of a second after each hundred.
  void flood(int count, const std::function<std::string(int)>& make) {
    const auto from = strangers();
    for (int i = 0; i < count; ++i) {
      const auto bytes = make(i);
      for (const auto& each : from)
        each.shoot(bytes);
      if (i % 100 == 99)
        bystander->listen(milliseconds(100));
    }
    for (const auto& each : from)
      EXPECT_EQ(each.received(), 0U) << "a stranger was answered";
  }

  void begin_with_bystander() {
    begin();
    bystander = std::make_unique<test::rtp_caller>(caller(0, "+15550009009"));
    ASSERT_TRUE(bystander->call());
  }

  /// What the bystander hears from now on, while the test goes on.
  std::future<std::vector<std::int16_t>> bystander_hears(milliseconds duration) const {
    return std::async(std::launch::async, [this, duration] { return bystander->listen(duration); });
  }

  void end_bystander() { bystander.reset(); }

  hand_caller_options by_hand(bool secure) const {
    return {.server = node->sip_udp(), .tone_hertz = victims_tone, .secure = secure};
  }

  std::unique_ptr<test::rtp_caller> bystander; ///< listens, and gives the time
};

TEST_F(MediaAttacks, GarbageStunAndDtlsOfEverySizeFromStrangersAreDroppedWithoutAnswer) {
  begin_with_bystander();
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());
  constexpr std::array<std::size_t, 14> sizes{0, 1, 2, 4, 8, 11, 12, 13, 20, 172, 1500, 2048, 9000, 65'000};

  flood(600 * factor(), [&](int i) {
    const auto size = sizes[static_cast<std::size_t>(i / 3) % sizes.size()];
    if (i % 3 == 0)
      return noise(random, size == 65'000 ? 65'507 : size);
    return i % 3 == 1 ? stun_request(random, size) : dtls_hello(random, size);
  });

  end_bystander();
  expect_unharmed();
  EXPECT_GT(metric(dropped_foreign) + metric(dropped_malformed), 0);
}

TEST_F(MediaAttacks, FloodsOfRtcpThatLiesAreDropped) {
  begin_with_bystander();
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());

  flood(600 * factor(), [&](int i) {
    const auto type = static_cast<std::uint8_t>(192 + static_cast<unsigned>(i) % 32);
    const auto count = static_cast<unsigned>(random() % 32);
    auto packet = rtcp_packet(random, type, count, random() % 340);
    for (auto more = random() % 4; more > 0; --more) // compounds, their last length a lie
      packet += rtcp_packet(random, static_cast<std::uint8_t>(200 + random() % 5), count, random() % 20);
    put16(packet, 2, i % 2 == 0 ? get16(packet, 2) : static_cast<unsigned>(random() % 65'536));
    return packet;
  });

  end_bystander();
  expect_unharmed();
  EXPECT_GT(metric(dropped_foreign), 0);
}

TEST_F(MediaAttacks, NobodySpeaksInTheNameOfACallerWhoSpeaks) {
  begin_with_bystander();
  {
    hand_caller victim(by_hand(false));
    ASSERT_TRUE(victim.call());
    test::rtp_tone_source loud(99);
    loud.set_tone(attackers_tone, -10);
    const shooter neighbour(victim.media(), "127.0.0.1");
    const shooter stranger(victim.media(), "127.0.0.9");
    victim.tick();

    // The attacker knows everything but the victim's port: SSRC, sequence numbers, time.
    auto heard = bystander_hears(milliseconds(2000 * factor()));
    for (int round = 0; round < 100 * factor(); ++round) {
      const auto real = victim.tick();
      auto forged = loud.next().front();
      for (unsigned ahead : {1U, 2U}) {
        forged.replace(4, 8, real, 4, 8);
        put16(forged, 2, get16(real, 2) + ahead);
        neighbour.shoot(forged);
        stranger.shoot(forged);
      }
    }
    const auto samples = heard.get();
    EXPECT_GT(test::heard_level(samples, victims_tone), -35);
    EXPECT_LT(test::heard_level(samples, attackers_tone), test::inaudible_dbfs);
    EXPECT_EQ(neighbour.received() + stranger.received(), 0U) << "the room's sound went to an attacker";
  }
  end_bystander();
  expect_unharmed();
  EXPECT_GT(metric(dropped_foreign), 0);
}

TEST_F(MediaAttacks, LiesAboutExtensionsContributorsAndPaddingCostTheirSenderNothingElse) {
  begin_with_bystander();
  std::mt19937 random(seed());
  SCOPED_TRACE(seed());
  {
    hand_caller liar(by_hand(false));
    ASSERT_TRUE(liar.call());
    constexpr std::array<std::size_t, 8> sizes{0, 1, 11, 12, 13, 1500, 2049, 65'507};
    for (int round = 0; round < 100 * factor(); ++round) {
      auto lie = liar.tick();
      const auto size = sizes[random() % sizes.size()];
      lie.resize(std::max<std::size_t>(size, 16), '\xff');
      lie[0] = static_cast<char>(random() & 0xff); // version, padding, extension, contributors
      lie[1] = 127;                                // a payload type that was not agreed
      put16(lie, 14, static_cast<unsigned>(random() % 65'536));
      liar.send(lie.substr(0, size));
      liar.send(lie.substr(0, size), true);
    }
    EXPECT_TRUE(bystander->wait_for_tone(victims_tone));
  }
  end_bystander();
  expect_unharmed();
  EXPECT_GT(metric(dropped_malformed), 0);
}

TEST_F(MediaAttacks, SecureMediaIsNeverTakenTwiceNorChanged) {
  begin_with_bystander();
  {
    hand_caller victim(by_hand(true));
    ASSERT_TRUE(victim.call());
    const shooter stranger(victim.media(), "127.0.0.9");
    std::vector<std::string> recorded;
    for (int i = 0; i < 50; ++i)
      recorded.push_back(victim.tick());
    EXPECT_TRUE(bystander->wait_for_tone(victims_tone));
    victim.set_tone(0);
    for (int i = 0; i < 25; ++i) // what is still on its way is heard out
      victim.tick();
    const auto before = metric(dropped_srtp);

    auto heard = bystander_hears(milliseconds(2000 * factor()));
    int repeated = 0;
    for (int round = 0; round < 100 * factor(); ++round) {
      const auto& old = recorded[static_cast<std::size_t>(round) % recorded.size()];
      auto changed = victim.tick();
      changed[20] = static_cast<char>(changed[20] ^ 1);
      put16(changed, 2, get16(changed, 2) + 1);
      for (const auto& packet : {old, changed}) {
        victim.send(packet);
        stranger.shoot(packet);
        ++repeated;
      }
    }
    EXPECT_LT(test::heard_level(heard.get(), victims_tone), test::inaudible_dbfs);
    EXPECT_GE(metric(dropped_srtp) - before, repeated);
    EXPECT_EQ(stranger.received(), 0U);
  }
  end_bystander();
  expect_unharmed();
}

TEST_F(MediaAttacks, SecureMediaUnderOtherKeysIsNeverHeardThoughItComesFromTheRightAddress) {
  begin_with_bystander();
  {
    auto options = by_hand(true);
    options.wrong_keys = true;
    hand_caller liar(options);
    ASSERT_TRUE(liar.call());
    const shooter stranger(liar.media(), "127.0.0.9");
    const auto before = metric(dropped_srtp);
    const auto accepted_before = metric(received);

    auto heard = bystander_hears(milliseconds(2000 * factor()));
    for (int i = 0; i < 100 * factor(); ++i)
      stranger.shoot(liar.tick());

    EXPECT_LT(test::heard_level(heard.get(), victims_tone), test::inaudible_dbfs);
    EXPECT_GE(metric(dropped_srtp) - before, 150 * factor()) << "the liar's and the stranger's";
    EXPECT_GT(metric(received) - accepted_before, 100) << "the witnesses'";
    EXPECT_EQ(stranger.received(), 0U) << "nothing is latched by what is not authentic";
  }
  end_bystander();
  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::media_attack_test
