#include "actors/audio/rtp.hpp"
#include "node/net/udp_media_transport.hpp"
#include "node/net/udp_socket.hpp"
#include "tests/support/fake_edges.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <mutex>

namespace plenary {
namespace {

using namespace std::chrono_literals;

/// A phone's RTP socket on loopback.
class phone {
public:
  explicit phone(const char* address = "127.0.0.1")
      : socket_(*open_udp_socket(*audio::make_endpoint(address, 0))) {}
  ~phone() { close(socket_); }
  phone(const phone&) = delete;
  phone& operator=(const phone&) = delete;

  audio::endpoint address() const { return bound_address(socket_); }

  void send(const audio::endpoint& to, std::uint16_t sequence_number, std::uint32_t ssrc = 7,
            std::uint8_t payload_type = 0) {
    audio::rtp_packet packet;
    packet.payload_type = payload_type;
    packet.sequence_number = sequence_number;
    packet.timestamp = sequence_number * 160U;
    packet.ssrc = ssrc;
    auto header = audio::write_rtp_header(packet);
    std::vector<std::uint8_t> bytes(header.begin(), header.end());
    bytes.resize(bytes.size() + 160, 0xFF);
    sockaddr_storage where{};
    auto length = to_sockaddr(to, where);
    ASSERT_EQ(sendto(socket_, bytes.data(), bytes.size(), 0, reinterpret_cast<sockaddr*>(&where), length),
              static_cast<ssize_t>(bytes.size()));
  }

  /// An empty datagram.
  void send_nothing(const audio::endpoint& to) {
    sockaddr_storage where{};
    auto length = to_sockaddr(to, where);
    ASSERT_EQ(sendto(socket_, nullptr, 0, 0, reinterpret_cast<sockaddr*>(&where), length), 0);
  }

  /// Size of the next datagram; 0 when none comes in time.
  std::size_t receive() {
    pollfd waiting{socket_, POLLIN, 0};
    if (poll(&waiting, 1, 5000) <= 0)
      return 0;
    std::array<std::uint8_t, 2048> bytes{};
    auto size = recv(socket_, bytes.data(), bytes.size(), 0);
    return size > 0 ? static_cast<std::size_t>(size) : 0;
  }

private:
  int socket_;
};

class UdpMediaTransport : public testing::Test {
protected:
  struct opened_leg {
    std::shared_ptr<audio::packet_ring> ring = std::make_shared<audio::packet_ring>();
    std::unique_ptr<media_session> session;
  };

  UdpMediaTransport() {
    auto made = udp_media_transport::make({{"127.0.0.1", 0, 0, 512}}, meters_);
    EXPECT_TRUE(made);
    transport_ = std::move(*made);
  }

  static receive_settings agreed_at(const audio::endpoint& expected, std::uint32_t offer = 0) {
    receive_settings settings;
    settings.expected_source = expected;
    settings.expected_rtcp = expected;
    settings.audio_payload_types = {0};
    settings.offer = offer;
    return settings;
  }

  opened_leg open(const audio::endpoint& expected) {
    opened_leg made;
    auto opened = transport_->open(agreed_at(expected), made.ring, [](const media_event&) {});
    EXPECT_TRUE(opened);
    made.session = std::move(*opened);
    return made;
  }

  /// Waits until the transport has seen `count` packets of any fate.
  bool seen(std::uint64_t count) {
    auto deadline = std::chrono::steady_clock::now() + 10s;
    while (std::chrono::steady_clock::now() < deadline) {
      auto all = meters_[counter::packets_received] + meters_[counter::packets_dropped_foreign_source] +
                 meters_[counter::packets_dropped_malformed] + meters_[counter::packets_dropped_unplayable];
      if (all >= count)
        return true;
      std::this_thread::yield();
    }
    return false;
  }

  test::counting_telemetry meters_;
  std::unique_ptr<udp_media_transport> transport_;
};

TEST_F(UdpMediaTransport, PutsPacketsOfTheExpectedSourceIntoTheLegsRing) {
  phone alice;
  auto leg = open(alice.address());

  alice.send(leg.session->local(), 100);

  ASSERT_TRUE(seen(1));
  auto packet = leg.ring->front();
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->info.sequence_number, 100);
  EXPECT_EQ(packet->payload.size(), 160U);
  EXPECT_EQ(leg.session->statistics().packets_received, 1U);
}

TEST_F(UdpMediaTransport, RefusesAForeignSourceOnceTheExpectedOneHasSpoken) {
  phone alice;
  phone stranger;
  auto leg = open(alice.address());
  alice.send(leg.session->local(), 1);
  ASSERT_TRUE(seen(1));

  for (std::uint16_t i = 0; i < 20; ++i)
    stranger.send(leg.session->local(), i, 99);

  ASSERT_TRUE(seen(21));
  EXPECT_EQ(meters_[counter::packets_dropped_foreign_source], 20U);
  EXPECT_EQ(leg.session->statistics().packets_received, 1U);
}

TEST_F(UdpMediaTransport, TellsTwoLegsOfOnePortApartBySource) {
  phone alice;
  phone bob;
  auto first = open(alice.address());
  alice.send(first.session->local(), 1, 1);
  ASSERT_TRUE(seen(1));
  auto second = open(bob.address());
  ASSERT_EQ(second.session->port(), first.session->port());

  bob.send(second.session->local(), 500, 2);

  ASSERT_TRUE(seen(2));
  EXPECT_EQ(first.session->statistics().packets_received, 1U);
  ASSERT_TRUE(second.ring->front());
  EXPECT_EQ(second.ring->front()->info.sequence_number, 500);
}

TEST_F(UdpMediaTransport, DropsPayloadTypesThatWereNotAgreed) {
  phone alice;
  auto leg = open(alice.address());

  alice.send(leg.session->local(), 1, 7, 34);

  ASSERT_TRUE(seen(1));
  EXPECT_EQ(meters_[counter::packets_dropped_unplayable], 1U);
  EXPECT_EQ(meters_[counter::packets_dropped_malformed], 0U);
  EXPECT_FALSE(leg.ring->front());
  EXPECT_TRUE(leg.session->statistics().last_packet) << "the caller lives all the same";
}

TEST_F(UdpMediaTransport, TakesAnEmptyDatagramOfTheCallerForASignOfLifeAndNothingElse) {
  phone alice;
  phone stranger;
  auto leg = open(alice.address());

  stranger.send_nothing(leg.session->local());
  ASSERT_TRUE(seen(1));
  const auto before = leg.session->statistics().last_packet;
  alice.send_nothing(leg.session->local());
  ASSERT_TRUE(seen(2));

  EXPECT_FALSE(before);
  EXPECT_TRUE(leg.session->statistics().last_packet);
  EXPECT_EQ(meters_[counter::packets_dropped_unplayable], 1U);
  EXPECT_EQ(meters_[counter::packets_dropped_foreign_source], 1U);
}

TEST_F(UdpMediaTransport, TellsUnderWhichOfferAnythingCameFromWhereOurMediaGoes) {
  phone alice;
  phone elsewhere{"127.0.0.2"};
  auto leg = open(alice.address());
  alice.send(leg.session->local(), 1);
  ASSERT_TRUE(seen(1));
  const auto at_first = leg.session->statistics().answered_offer;

  leg.session->update(agreed_at(elsewhere.address(), 2));
  alice.send(leg.session->local(), 2);
  ASSERT_TRUE(seen(2));
  const auto while_the_old_address_goes_on = leg.session->statistics();
  elsewhere.send(leg.session->local(), 3);
  ASSERT_TRUE(seen(3));

  EXPECT_EQ(at_first, 0U);
  EXPECT_EQ(while_the_old_address_goes_on.packets_received, 2U);
  EXPECT_EQ(while_the_old_address_goes_on.answered_offer, 0U) << "the new address has said nothing";
  EXPECT_EQ(leg.session->statistics().answered_offer, 2U);
}

TEST_F(UdpMediaTransport, TellsASourceWithTheNumberOfTheOfferUnderWhichItWasFound) {
  phone alice;
  std::vector<std::uint32_t> offers;
  std::mutex guard;
  auto ring = std::make_shared<audio::packet_ring>();
  auto session = *transport_->open(agreed_at(alice.address(), 4), ring, [&](const media_event& event) {
    std::lock_guard lock(guard);
    offers.push_back(std::get<source_latched>(event).offer);
  });

  alice.send(session->local(), 1);
  ASSERT_TRUE(seen(1));
  session->update(agreed_at(alice.address(), 5));
  alice.send(session->local(), 2);
  ASSERT_TRUE(seen(2));

  std::lock_guard lock(guard);
  EXPECT_EQ(offers, (std::vector<std::uint32_t>{4, 5}));
}

TEST_F(UdpMediaTransport, HearsNothingForALegThatWasClosed) {
  phone alice;
  auto leg = open(alice.address());
  auto local = leg.session->local();
  leg.session.reset();

  alice.send(local, 1);

  ASSERT_TRUE(seen(1));
  EXPECT_EQ(meters_[counter::packets_dropped_foreign_source], 1U);
}

TEST_F(UdpMediaTransport, SendsABatchToEveryAddressAndEmptiesIt) {
  phone alice;
  phone bob;
  auto leg = open(alice.address());
  std::vector<std::uint8_t> payload(160, 0xFF);
  audio::packet_batch batch;
  batch.reserve(2, 0);
  batch.add(alice.address(), leg.session->port(), {}, payload);
  batch.add(bob.address(), leg.session->port(), {}, payload);

  transport_->transmit(batch);

  EXPECT_TRUE(batch.empty());
  EXPECT_EQ(alice.receive(), 172U);
  EXPECT_EQ(bob.receive(), 172U);
  EXPECT_EQ(meters_[counter::packets_sent], 2U);
}

TEST_F(UdpMediaTransport, TellsAsManyLegsOfOnePortApartAsItTakesAndGivesTheNextAnotherPort) {
  constexpr std::size_t most = 512;
  constexpr std::size_t legs = 600;
  std::vector<std::unique_ptr<phone>> phones;
  std::vector<opened_leg> opened;
  for (std::size_t i = 0; i < legs; ++i) {
    phones.push_back(std::make_unique<phone>(fmt::format("127.1.{}.{}", i / 200, 1 + i % 200).c_str()));
    auto settings = agreed_at(phones.back()->address());
    settings.signalling = settings.expected_source;
    opened_leg leg;
    leg.session = *transport_->open(settings, leg.ring, [](const media_event&) {});
    opened.push_back(std::move(leg));
  }

  for (std::size_t i = 0; i < legs; ++i) {
    phones[i]->send(opened[i].session->local(), static_cast<std::uint16_t>(i), 7); // all with one SSRC
    ASSERT_TRUE(seen(i + 1));
  }

  const auto first = opened[0].session->port();
  const auto beside = std::count_if(opened.begin(), opened.end(),
                                    [first](const auto& leg) { return leg.session->port() == first; });
  EXPECT_EQ(static_cast<std::size_t>(beside), most);
  EXPECT_EQ(opened[most].session->port(), opened[legs - 1].session->port());
  for (std::size_t i = 0; i < legs; ++i) {
    EXPECT_EQ(opened[i].session->statistics().packets_received, 1U) << i;
    ASSERT_TRUE(opened[i].ring->front()) << i;
    EXPECT_EQ(opened[i].ring->front()->info.sequence_number, i);
  }
}

} // namespace
} // namespace plenary
