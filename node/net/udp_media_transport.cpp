#include "node/net/udp_media_transport.hpp"

#include "node/net/batch_sender.hpp"
#include "node/net/udp_socket.hpp"

namespace plenary {

/// One leg's place; gives it back when destroyed.
class udp_media_transport::session final : public media_session {
public:
  session(udp_media_transport& owner, std::shared_ptr<receiving_leg> leg)
      : owner_(owner)
      , leg_(std::move(leg)) {}

  ~session() override {
    owner_.receiver_->remove(leg_);
    owner_.ports_->release(leg_->lease(), std::chrono::steady_clock::now());
  }
  session(const session&) = delete;
  session& operator=(const session&) = delete;

  audio::endpoint local() const override { return owner_.ports_->told_address(leg_->lease().port); }
  audio::port_index port() const override { return leg_->lease().port; }

  void update(receive_settings settings) override {
    multiplexed_ = settings.expected_rtcp == settings.expected_source;
    owner_.ports_->expect(leg_->lease(), claim_of(settings));
    owner_.receiver_->update(leg_, std::move(settings));
  }

  media_statistics statistics() const override { return leg_->statistics(); }

  std::optional<audio::reception_report> take_reception_report(wall_time now) override {
    return leg_->take_reception_report(now);
  }

  void send_rtcp(std::span<const std::uint8_t> packet) override {
    auto to = leg_->rtcp_destination();
    if (to.family == 0 || to.port == 0 || is_unspecified(to)) // no RTCP wanted, or on hold
      return;
    sockaddr_storage address{};
    auto length = to_sockaddr(to, address);
    auto port = leg_->lease().port;
    int socket = multiplexed_ ? owner_.ports_->rtp_socket(port) : owner_.ports_->rtcp_socket(port);
    sendto(socket, packet.data(), packet.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&address),
           length);
  }

private:
  udp_media_transport& owner_;
  std::shared_ptr<receiving_leg> leg_;
  bool multiplexed_ = false; ///< RTCP on the RTP port (RFC 5761)
};

result<std::unique_ptr<udp_media_transport>>
udp_media_transport::make(const std::vector<media_port_settings>& families, telemetry& meters) {
  std::unique_ptr<udp_media_transport> made(new udp_media_transport(meters));
  auto& transport = *made;
  auto ports = family_ports::make(families, [&transport](audio::port_index port, int rtp, int rtcp) {
    return transport.receiver_->watch(port, rtp, rtcp);
  });
  if (!ports)
    return tl::unexpected<error>(ports.error());
  made->ports_ = std::move(*ports);
  auto receiver = media_receiver::make(meters, transport.observers());
  if (!receiver)
    return tl::unexpected<error>(receiver.error());
  made->receiver_ = std::move(*receiver);
  made->ports_->prepare(std::chrono::steady_clock::now());
  return made;
}

media_observers udp_media_transport::observers() {
  return {[this](const port_lease& lease, const audio::endpoint& source, std::uint32_t offer) {
            ports_->settle(lease, source, offer);
          },
          [this](audio::port_index port, mono_time now) { ports_->disturb(port, now); },
          [this](mono_time now) {
            auto idle = ports_->take_idle(now);
            ports_->prepare(now);
            meters_.set(gauge::media_ports_open, static_cast<double>(ports_->open_pairs()));
            return idle;
          }};
}

result<std::unique_ptr<media_session>> udp_media_transport::open(receive_settings settings,
                                                                 std::shared_ptr<audio::packet_ring> ring,
                                                                 std::function<void(media_event)> on_event) {
  auto lease = ports_->acquire(claim_of(settings), settings.family, std::chrono::steady_clock::now());
  if (!lease && lease.error().code == errc::not_acceptable)
    return tl::unexpected<error>(lease.error());
  if (!lease) {
    meters_.count(lease.error().code == errc::limit_reached ? counter::media_ports_refused_range
                                                            : counter::media_ports_refused_system);
    return tl::unexpected<error>(lease.error());
  }
  auto leg =
      std::make_shared<receiving_leg>(*lease, std::move(settings), std::move(ring), std::move(on_event));
  receiver_->add(leg);
  return std::make_unique<session>(*this, std::move(leg));
}

void udp_media_transport::transmit(audio::packet_batch& batch) {
  if (batch.empty())
    return;
  auto counts = send_batch(batch, [this](audio::port_index port) { return ports_->rtp_socket(port); });
  meters_.count(counter::packets_sent, counts.sent);
  if (counts.failed > 0)
    meters_.count(counter::packets_send_failed, counts.failed);
  batch.clear();
}

} // namespace plenary
