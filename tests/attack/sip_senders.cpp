#include "tests/attack/sip_senders.hpp"

#include <sys/socket.h>

#include <array>
#include <atomic>

namespace plenary::attack {

namespace {

std::string sdp_of(const shooter& from) {
  return fmt::format("v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/AVP 0\r\n",
                     from.address(), from.port());
}

std::uint64_t next_number() {
  static std::atomic<std::uint64_t> number{0};
  return ++number;
}

} // namespace

shooter::shooter(const test::ip_endpoint& server, const std::string& local_address)
    : shooter(server, local_address, test::open_udp(local_address)) {}

std::optional<shooter> shooter::on_port(const test::ip_endpoint& server, const std::string& local_address,
                                        std::uint16_t port) {
  test::file_descriptor socket(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto address = test::to_sockaddr({local_address, port});
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
    return std::nullopt;
  return shooter(server, local_address, std::move(socket));
}

shooter::shooter(const test::ip_endpoint& server, const std::string& local_address,
                 test::file_descriptor socket)
    : address_(local_address)
    , socket_(std::move(socket)) {
  const auto address = test::to_sockaddr(server);
  ::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

void shooter::shoot(std::string_view bytes) const {
  ::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

std::size_t shooter::received() const {
  std::array<char, 65536> buffer{};
  std::size_t sum = 0;
  for (;;) {
    const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (size < 0)
      return sum;
    sum += static_cast<std::size_t>(size);
  }
}

std::string shooter::receive(std::chrono::milliseconds timeout) const {
  std::array<char, 65536> buffer{};
  if (!test::wait_readable(socket_.get(), timeout))
    return {};
  const auto size = ::recv(socket_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string{};
}

std::string sound_request(const shooter& from, std::string_view method, std::string_view number) {
  const auto unique = next_number();
  const auto body = method == "INVITE" ? sdp_of(from) : std::string{};
  return fmt::format("{0} sip:{1}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP {2}:{3};branch=z9hG4bKa{4};rport\r\n"
                     "Max-Forwards: 70\r\nFrom: <sip:attacker@{2}>;tag=a{4}\r\nTo: <sip:{1}@127.0.0.1>\r\n"
                     "Call-ID: attack-{4}\r\nCSeq: 1 {0}\r\nContact: <sip:attacker@{2}:{3}>\r\n{5}"
                     "Content-Length: {6}\r\n\r\n{7}",
                     method, number, from.address(), from.port(), unique,
                     body.empty() ? "" : "Content-Type: application/sdp\r\n", body.size(), body);
}

std::string garbage(std::mt19937& random) {
  std::string bytes(random() % 1400, '\0');
  for (auto& each : bytes)
    each = static_cast<char>(random() & 0xff);
  return bytes;
}

std::string damaged(std::string text, std::mt19937& random) {
  for (auto turned = 1 + random() % 8; turned > 0; --turned) {
    auto& byte = text[random() % text.size()];
    byte = static_cast<char>(byte ^ (1U << random() % 8));
  }
  if (random() % 4 == 0)
    text.resize(random() % text.size());
  return text;
}

} // namespace plenary::attack
