#include "bench/load/reflector.hpp"

#include "bench/load/udp_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds longest_wait{50};

std::uint64_t key_of(const sockaddr_in& address) {
  return (std::uint64_t{address.sin_addr.s_addr} << 16) | address.sin_port;
}

void send_text(int socket, const std::string& text, const sockaddr_in& to) {
  sendto(socket, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

std::string answer_to(const sip_message& request, const sockaddr_in& self, const std::string& body) {
  return fmt::format("SIP/2.0 200 OK\r\n{}From: {}\r\nTo: {};tag=r\r\nCall-ID: {}\r\nCSeq: {} {}\r\n"
                     "Contact: <sip:reflector@{}>\r\n{}Content-Length: {}\r\n\r\n{}",
                     request.vias, request.from, request.to, request.call_id, request.cseq,
                     request.cseq_method, host_port(self),
                     body.empty() ? "" : "Content-Type: application/sdp\r\n", body.size(), body);
}

} // namespace

result<std::unique_ptr<reflector>> reflector::start(std::chrono::milliseconds delay, fault wrong) {
  std::unique_ptr<reflector> made(new reflector);
  const auto sip = open_udp(make_address(INADDR_LOOPBACK, 0), udp_buffers::large);
  const auto rtp = open_udp(make_address(INADDR_LOOPBACK, 0), udp_buffers::large);
  if (!sip || !rtp)
    return tl::unexpected((sip ? rtp : sip).error());
  made->delay_ = delay;
  made->wrong_ = wrong;
  made->sip_ = sip->descriptor;
  made->rtp_ = rtp->descriptor;
  stamp_arrivals(made->rtp_);
  made->sip_address_ = sip->local;
  made->rtp_address_ = rtp->local;
  made->thread_ = std::jthread([self = made.get()](const std::stop_token& stop) { self->run(stop); });
  const sched_param priority{.sched_priority =
                                 10}; // as the media engine: its delay is what the checks are judged by
  pthread_setschedparam(made->thread_.native_handle(), SCHED_FIFO, &priority);
  return made;
}

reflector::~reflector() {
  thread_.request_stop();
  if (thread_.joinable())
    thread_.join();
  close(sip_);
  close(rtp_);
}

void reflector::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    auto left = std::chrono::nanoseconds(longest_wait);
    for (const auto& packet : held_)
      left =
          std::clamp(std::chrono::nanoseconds(packet.due - clock::now()), std::chrono::nanoseconds(0), left);
    const timespec wait{0, left.count()};
    std::array<pollfd, 2> waiting{pollfd{sip_, POLLIN, 0}, pollfd{rtp_, POLLIN, 0}};
    ppoll(waiting.data(), waiting.size(), &wait, nullptr);
    if (waiting[0].revents != 0)
      read_sip();
    if (waiting[1].revents != 0)
      read_rtp();
    send_due(clock::now());
  }
}

void reflector::send_due(time_point now) {
  const auto is_due = [now](const held_packet& packet) { return packet.due <= now; };
  for (const auto& packet : held_) {
    if (!is_due(packet))
      continue;
    forward(packet);
    const auto lateness = std::chrono::nanoseconds(now - packet.due).count();
    most_lateness_ = std::max(most_lateness_.load(), lateness);
  }
  std::erase_if(held_, is_due);
}

void reflector::read_sip() {
  std::array<char, 8192> buffer;
  sockaddr_in from{};
  socklen_t length = sizeof from;
  for (ssize_t size; (size = recvfrom(sip_, buffer.data(), buffer.size(), 0,
                                      reinterpret_cast<sockaddr*>(&from), &length)) > 0;) {
    const auto request = parse_sip({buffer.data(), static_cast<std::size_t>(size)});
    if (!request || request->method == "ACK")
      continue;
    if (request->method != "INVITE") {
      send_text(sip_, answer_to(*request, sip_address_, {}), from);
      continue;
    }
    const auto offer = parse_sdp(request->body);
    if (!offer)
      continue;
    if (by_address_.try_emplace(key_of(offer->address), callers_.size()).second) {
      talkers_.try_emplace(request->to, callers_.size());
      callers_.push_back({request->to, offer->address});
    }
    send_text(sip_, answer_to(*request, sip_address_, write_sdp(rtp_address_, {})), from);
  }
}

void reflector::read_rtp() {
  std::array<std::uint8_t, 2048> buffer;
  while (const auto packet = receive_stamped(rtp_, buffer)) {
    const auto found = by_address_.find(key_of(packet->from));
    if (found == by_address_.end() || talkers_[callers_[found->second].room] != found->second)
      continue;
    if (wrong_ == fault::drops_packets && ++packets_ % 20 == 0)
      continue;
    const auto end = buffer.begin() + static_cast<std::ptrdiff_t>(packet->size);
    held_packet held{packet->arrival, found->second, {buffer.begin(), end}};
    held.due += delay_of(held);
    held_.push_back(std::move(held));
  }
}

std::chrono::milliseconds reflector::delay_of(const held_packet& packet) const {
  const bool slow = packet.bytes[3] / 50 % 2 == 1; // by sequence number
  return wrong_ == fault::delays_packets && slow ? delay_ + std::chrono::milliseconds(100) : delay_;
}

bool reflector::hears(std::size_t listener, std::size_t talker) const {
  if (wrong_ == fault::says_nothing)
    return false;
  if (listener == talker)
    return wrong_ == fault::echoes_talker;
  if (wrong_ == fault::leaks_rooms)
    return talkers_.rbegin()->second == talker;
  return callers_[listener].room == callers_[talker].room;
}

void reflector::forward(const held_packet& packet) {
  for (std::size_t listener = 0; listener < callers_.size(); ++listener) {
    if (hears(listener, packet.from))
      sendto(rtp_, packet.bytes.data(), packet.bytes.size(), 0,
             reinterpret_cast<const sockaddr*>(&callers_[listener].media), sizeof(sockaddr_in));
  }
}

} // namespace plenary::load
