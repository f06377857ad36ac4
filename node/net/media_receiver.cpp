#include "node/net/media_receiver.hpp"

#include "node/net/udp_socket.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

namespace plenary {

namespace {

constexpr std::size_t packets_per_read = 64;
constexpr std::size_t max_packet_bytes = 2048;
/// How often digits whose end packets were lost are looked for.
constexpr std::chrono::milliseconds digit_expiry_period{200};
constexpr std::uint64_t wake_tag = ~std::uint64_t{0};

std::uint64_t tag_of(audio::port_index port, bool rtcp) {
  return std::uint64_t{port} * 2 + (rtcp ? 1 : 0);
}

void add_to_epoll(int epoll, int fd, std::uint64_t tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = tag;
  PLENARY_ASSERT(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) == 0);
}

counter counter_of(reception what) {
  switch (what) {
  case reception::accepted:
    return counter::packets_received;
  case reception::foreign:
    return counter::packets_dropped_foreign_source;
  case reception::malformed:
    return counter::packets_dropped_malformed;
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

std::size_t media_receiver::endpoint_hash::operator()(const audio::endpoint& where) const noexcept {
  std::string_view address{reinterpret_cast<const char*>(where.address.data()), where.address.size()};
  return std::hash<std::string_view>{}(address)*31 + where.port;
}

media_receiver::media_receiver(telemetry& meters, std::function<void(const port_lease&)> settled)
    : meters_(meters)
    , settled_(std::move(settled))
    , epoll_(epoll_create1(EPOLL_CLOEXEC))
    , wake_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  PLENARY_ASSERT(epoll_ >= 0 && wake_ >= 0);
  add_to_epoll(epoll_, wake_, wake_tag);
  thread_ = std::thread([this] { run(); });
}

media_receiver::~media_receiver() {
  stopping_ = true;
  post([] {});
  thread_.join();
  close(epoll_);
  close(wake_);
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

void media_receiver::watch(audio::port_index port, int rtp_socket, int rtcp_socket) {
  post([this, port, rtp_socket, rtcp_socket] {
    auto& state = ports_[port];
    state.rtp_socket = rtp_socket;
    state.rtcp_socket = rtcp_socket;
    add_to_epoll(epoll_, rtp_socket, tag_of(port, false));
    add_to_epoll(epoll_, rtcp_socket, tag_of(port, true));
  });
}

void media_receiver::add(std::shared_ptr<receiving_leg> leg) {
  post([this, leg = std::move(leg)] {
    auto& port = ports_[leg->lease().port];
    port.legs.push_back(leg);
    if (leg->expected_source().family != 0)
      port.by_source[leg->expected_source()] = leg;
  });
}

void media_receiver::update(std::shared_ptr<receiving_leg> leg, receive_settings settings) {
  post([this, leg = std::move(leg), settings = std::move(settings)]() mutable {
    auto& port = ports_[leg->lease().port];
    bool moved = settings.expected_source != leg->expected_source();
    leg->update(std::move(settings), std::chrono::steady_clock::now());
    if (!moved)
      return;
    forget_sources(port, *leg);
    if (leg->expected_source().family != 0)
      port.by_source[leg->expected_source()] = leg;
  });
}

void media_receiver::remove(std::shared_ptr<receiving_leg> leg) {
  post([this, leg = std::move(leg)] {
    auto& port = ports_[leg->lease().port];
    forget_sources(port, *leg);
    std::erase(port.legs, leg);
  });
}

void media_receiver::forget_sources(port_state& port, const receiving_leg& leg) {
  std::erase_if(port.by_source, [&leg](const auto& entry) { return entry.second.get() == &leg; });
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
  auto next_expiry = std::chrono::steady_clock::now();
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
    auto now = std::chrono::steady_clock::now();
    if (now < next_expiry)
      continue;
    next_expiry = now + digit_expiry_period;
    expire_digits(now);
  }
}

void media_receiver::expire_digits(mono_time now) {
  for (auto& [index, port] : ports_)
    for (const auto& leg : port.legs)
      leg->expire_digit(now);
}

void media_receiver::read(audio::port_index port, bool rtcp, packet_buffers& buffers) {
  auto& state = ports_[port];
  auto count = buffers.read(rtcp ? state.rtcp_socket : state.rtp_socket);
  for (std::size_t i = 0; i < count; ++i)
    receive(state, rtcp, buffers.packet(i), buffers.source(i));
}

void media_receiver::receive(port_state& port, bool rtcp, std::span<std::uint8_t> packet,
                             const audio::endpoint& from) {
  auto now = std::chrono::steady_clock::now();
  bool control = rtcp || audio::is_rtcp(packet);
  auto what = control ? receive_control(port, packet, from, now) : offer(port, packet, from, now);
  meters_.count(counter_of(what));
}

reception media_receiver::offer(port_state& port, std::span<std::uint8_t> packet, const audio::endpoint& from,
                                mono_time now) {
  auto known = port.by_source.find(from);
  if (known != port.by_source.end()) {
    auto leg = known->second;
    auto what = leg->receive_rtp(packet, from, now);
    if (what == reception::accepted && leg->settle())
      settled_(leg->lease());
    return what;
  }
  auto header = audio::parse_rtp(packet);
  if (!header)
    return reception::malformed;
  // An address that no leg knows: the port's one leg that still waits for media, or one whose SSRC has moved.
  for (const auto& leg : port.legs) {
    if (!leg->is_waiting() && leg->ssrc() != header->ssrc)
      continue;
    auto what = leg->receive_rtp(packet, from, now);
    if (what == reception::accepted)
      learn_source(port, leg, from);
    return what;
  }
  return reception::foreign;
}

reception media_receiver::receive_control(port_state& port, std::span<std::uint8_t> packet,
                                          audio::endpoint from, mono_time now) {
  auto known = port.by_source.find(from);
  if (known == port.by_source.end()) {
    --from.port; // RTCP comes from the port after RTP's (RFC 3550 section 11)
    known = port.by_source.find(from);
  }
  if (known == port.by_source.end())
    return reception::foreign;
  auto clock = std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now());
  return known->second->receive_rtcp(packet, now, clock);
}

void media_receiver::learn_source(port_state& port, const std::shared_ptr<receiving_leg>& leg,
                                  const audio::endpoint& from) {
  forget_sources(port, *leg);
  port.by_source[from] = leg;
  if (leg->settle())
    settled_(leg->lease());
}

} // namespace plenary
