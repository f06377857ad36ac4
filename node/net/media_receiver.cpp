#include "node/net/media_receiver.hpp"

#include "node/net/udp_socket.hpp"

#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>

namespace plenary {

namespace {

constexpr std::size_t packets_per_read = 64;
constexpr std::size_t max_packet_bytes = 2048;
/// How often digits whose end packets were lost are looked for.
constexpr std::chrono::milliseconds digit_expiry_period{200};
constexpr std::chrono::seconds closing_period{1};
constexpr std::uint64_t wake_tag = ~std::uint64_t{0};

std::uint64_t tag_of(audio::port_index port, bool rtcp) {
  return std::uint64_t{port} * 2 + (rtcp ? 1 : 0);
}

result<void> add_to_epoll(int epoll, int fd, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  if (epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0)
    return {};
  return fail(errc::network, fmt::format("cannot watch a media socket: {}", std::strerror(errno)));
}

counter counter_of(reception what) {
  switch (what) {
  case reception::accepted:
    return counter::packets_received;
  case reception::foreign:
    return counter::packets_dropped_foreign_source;
  case reception::malformed:
    return counter::packets_dropped_malformed;
  case reception::unplayable:
    return counter::packets_dropped_unplayable;
  case reception::not_authenticated:
    return counter::packets_dropped_srtp;
  }
  return counter::packets_dropped_malformed;
}

} // namespace

/// Buffers of one recvmmsg.
class media_receiver::packet_buffers {
public:
  packet_buffers() {
    for (std::size_t i = 0; i < packets_per_read; ++i)
      parts_[i] = {bytes_[i].data(), bytes_[i].size()};
  }

  /// Reads what is there; returns the number of packets.
  std::size_t read(int socket) {
    for (std::size_t i = 0; i < packets_per_read; ++i) {
      messages_[i].msg_hdr = {};
      messages_[i].msg_hdr.msg_iov = &parts_[i];
      messages_[i].msg_hdr.msg_iovlen = 1;
      messages_[i].msg_hdr.msg_name = &sources_[i];
      messages_[i].msg_hdr.msg_namelen = sizeof sources_[i];
    }
    int count = recvmmsg(socket, messages_.data(), packets_per_read, MSG_DONTWAIT, nullptr);
    return count > 0 ? static_cast<std::size_t>(count) : 0;
  }

  std::span<std::uint8_t> packet(std::size_t i) { return {bytes_[i].data(), messages_[i].msg_len}; }
  audio::endpoint source(std::size_t i) const { return from_sockaddr(sources_[i]); }

private:
  std::array<std::array<std::uint8_t, max_packet_bytes>, packets_per_read> bytes_{};
  std::array<iovec, packets_per_read> parts_{};
  std::array<sockaddr_storage, packets_per_read> sources_{};
  std::array<mmsghdr, packets_per_read> messages_{};
};

media_receiver::media_receiver(telemetry& meters, media_observers observers)
    : meters_(meters)
    , observers_(std::move(observers))
    , epoll_(epoll_create1(EPOLL_CLOEXEC))
    , wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {}

result<std::unique_ptr<media_receiver>> media_receiver::make(telemetry& meters, media_observers observers) {
  std::unique_ptr<media_receiver> made(new media_receiver(meters, std::move(observers)));
  if (made->epoll_ < 0 || made->wake_ < 0)
    return fail(errc::network, fmt::format("no descriptors to watch media with: {}", std::strerror(errno)));
  if (auto watched = add_to_epoll(made->epoll_, made->wake_, wake_tag); !watched)
    return tl::unexpected<error>(watched.error());
  made->thread_ = std::thread([receiver = made.get()] { receiver->run(); });
  return made;
}

media_receiver::~media_receiver() {
  stopping_ = true;
  if (thread_.joinable()) {
    post([] {});
    thread_.join();
  }
  for (const int file : {epoll_, wake_})
    if (file >= 0)
      close(file);
}

// -- commands -----------------------------------------------------------------------------------------------

void media_receiver::post(std::function<void()> command) {
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = commands_.empty();
    commands_.push_back(std::move(command));
  }
  std::uint64_t one = 1;
  if (wake)
    PLENARY_ASSERT(write(wake_, &one, sizeof one) == sizeof one);
}

result<void> media_receiver::watch(audio::port_index port, int rtp_socket, int rtcp_socket) {
  post([this, port, rtp_socket, rtcp_socket] {
    auto& state = ports_[port];
    state.rtp_socket = rtp_socket;
    state.rtcp_socket = rtcp_socket;
  });
  auto watched = add_to_epoll(epoll_, rtp_socket, tag_of(port, false));
  if (watched)
    watched = add_to_epoll(epoll_, rtcp_socket, tag_of(port, true));
  if (!watched)
    post([this, port] { ports_.erase(port); });
  return watched;
}

void media_receiver::add(std::shared_ptr<receiving_leg> leg) {
  post([this, leg = std::move(leg)] {
    auto& port = ports_[leg->lease().port];
    auto claim = claim_of(leg->settings());
    if (leg->settings().audio_payload_types.empty())
      claim.media = {}; // nothing is agreed yet: no packet can be the leg's
    port.legs[leg->lease().id] = leg;
    port.owners.add(leg->lease().id, claim, std::chrono::steady_clock::now());
  });
}

void media_receiver::update(std::shared_ptr<receiving_leg> leg, receive_settings settings) {
  post([this, leg = std::move(leg), settings = std::move(settings)]() mutable {
    leg->update(std::move(settings));
    ports_[leg->lease().port].owners.renew(leg->lease().id, claim_of(leg->settings()),
                                           std::chrono::steady_clock::now());
  });
}

void media_receiver::remove(std::shared_ptr<receiving_leg> leg) {
  post([this, leg = std::move(leg)] {
    auto& port = ports_[leg->lease().port];
    port.owners.remove(leg->lease().id, std::chrono::steady_clock::now());
    port.legs.erase(leg->lease().id);
  });
}

void media_receiver::run_commands() {
  std::uint64_t drained = 0;
  while (::read(wake_, &drained, sizeof drained) > 0) {
  }
  std::vector<std::function<void()>> batch;
  {
    std::lock_guard lock(mutex_);
    batch.swap(commands_);
  }
  for (auto& command : batch)
    command();
}

// -- packets ------------------------------------------------------------------------------------------------

void media_receiver::run() {
  constexpr int events_per_wait = 64;
  auto buffers = std::make_unique<packet_buffers>();
  std::array<epoll_event, events_per_wait> events{};
  while (!stopping_) {
    int count =
        epoll_wait(epoll_, events.data(), events_per_wait, static_cast<int>(digit_expiry_period.count()));
    for (int i = 0; i < count; ++i) {
      auto tag = events[static_cast<std::size_t>(i)].data.u64;
      if (tag == wake_tag)
        run_commands();
      else
        read(static_cast<audio::port_index>(tag / 2), tag % 2 != 0, *buffers);
    }
    look_after(std::chrono::steady_clock::now());
  }
}

void media_receiver::look_after(mono_time now) {
  if (now < next_look_)
    return;
  next_look_ = now + digit_expiry_period;
  for (auto& [index, port] : ports_)
    for (const auto& [id, leg] : port.legs)
      leg->expire_digit(now);
  if (now < next_closing_)
    return;
  next_closing_ = now + closing_period;
  close_idle(now);
}

void media_receiver::close_idle(mono_time now) {
  for (const auto& idle : observers_.idle(now)) {
    ports_.erase(idle.port);
    close(idle.rtp); // leaves the epoll set by that
    close(idle.rtcp);
  }
}

void media_receiver::read(audio::port_index port, bool rtcp, packet_buffers& buffers) {
  auto found = ports_.find(port);
  if (found == ports_.end())
    return; // closed a moment ago
  auto& state = found->second;
  auto count = buffers.read(rtcp ? state.rtcp_socket : state.rtp_socket);
  bool strange = false;
  for (std::size_t i = 0; i < count; ++i) {
    auto what = receive(state, rtcp, buffers.packet(i), buffers.source(i));
    meters_.count(counter_of(what));
    strange = strange || what == reception::foreign;
  }
  if (strange)
    observers_.stranger(port, std::chrono::steady_clock::now());
}

reception media_receiver::receive(port_state& port, bool rtcp, std::span<std::uint8_t> packet,
                                  const audio::endpoint& from) {
  auto now = std::chrono::steady_clock::now();
  if (packet.empty()) {
    auto owner = port.owners.owner_of(from);
    if (!owner)
      return reception::foreign;
    return port.legs.at(*owner)->keep_alive(from, now);
  }
  bool control = rtcp || audio::is_rtcp(packet);
  return control ? receive_control(port, packet, from, now) : receive_media(port, packet, from, now);
}

reception media_receiver::receive_media(port_state& port, std::span<std::uint8_t> packet,
                                        const audio::endpoint& from, mono_time now) {
  auto header = audio::parse_rtp(packet);
  if (!header)
    return reception::malformed;
  const stream_ownership::packet seen{from, header->ssrc, header->sequence_number};
  const auto claimants = port.owners.who(seen, now);
  if (claimants.count > 1)
    spare_.assign(packet.begin(), packet.end());
  auto what = reception::foreign;
  for (auto id : claimants.all()) {
    if (id != claimants.ids.front())
      std::copy(spare_.begin(), spare_.end(), packet.begin());
    what = offer(port, *port.legs.at(id), packet, seen, now);
    if (what != reception::foreign && what != reception::not_authenticated)
      break;
  }
  return what;
}

/// A packet that one of the port's legs may have.
reception media_receiver::offer(port_state& port, receiving_leg& leg, std::span<std::uint8_t> packet,
                                const stream_ownership::packet& seen, mono_time now) {
  const auto opened = leg.open(packet);
  if (opened.empty())
    return leg.reject(reception::not_authenticated);
  switch (port.owners.take(leg.lease().id, seen, now)) {
  case stream_ownership::verdict::refused:
    return leg.reject(reception::foreign);
  case stream_ownership::verdict::settled:
    leg.settle(seen.from);
    observers_.settled(leg.lease(), seen.from, leg.settings().offer);
    break;
  case stream_ownership::verdict::accepted:
    break;
  }
  const auto what = leg.receive_rtp(opened, seen.from, now);
  if (const auto tones = leg.take_clamped_tones(); tones > 0)
    meters_.count(counter::tones_clamped, tones);
  return what;
}

reception media_receiver::receive_control(port_state& port, std::span<std::uint8_t> packet,
                                          const audio::endpoint& from, mono_time now) {
  auto owner = port.owners.controller(from);
  if (!owner)
    return reception::foreign;
  auto clock = std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now());
  return port.legs.at(*owner)->receive_rtcp(packet, from, now, clock);
}

} // namespace plenary
