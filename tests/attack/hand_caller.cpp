#include "tests/attack/hand_caller.hpp"

#include "tests/support/plenaryd_process.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <random>

namespace plenary::attack {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr const char* own_address = "127.0.0.1";
/// 30 bytes: 0, 1, 2 and so on; key and salt of AES_CM_128_HMAC_SHA1_80 (RFC 4568 section 6.2).
constexpr const char* own_key_base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwd";

std::unique_ptr<audio::srtp_session> own_protection(bool wrong) {
  audio::srtp_keys keys{audio::crypto_suite::aes_cm_128_hmac_sha1_80, std::vector<std::uint8_t>(30)};
  for (std::size_t i = 0; i < keys.key_and_salt.size(); ++i)
    keys.key_and_salt[i] = static_cast<std::uint8_t>(wrong ? i + 1 : i);
  return std::move(*audio::srtp_session::make(keys, audio::srtp_session::direction::outbound));
}

void send_to(int socket, std::string_view bytes, const test::ip_endpoint& where) {
  const auto address = test::to_sockaddr(where);
  ::sendto(socket, bytes.data(), bytes.size(), 0, reinterpret_cast<const sockaddr*>(&address),
           sizeof address);
}

std::string read_from(int socket) {
  std::array<char, 65536> buffer{};
  const auto size = ::recv(socket, buffer.data(), buffer.size(), MSG_DONTWAIT);
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string{};
}

} // namespace

hand_caller::hand_caller(hand_caller_options options)
    : options_(std::move(options))
    , sip_socket_(test::open_udp(own_address))
    , rtp_socket_(test::open_udp(own_address))
    , call_id_(fmt::format("by-hand-{}", std::random_device{}()))
    , source_(7) {
  set_tone(options_.tone_hertz);
  if (options_.secure)
    protection_ = own_protection(options_.wrong_keys);
}

hand_caller::~hand_caller() {
  if (!to_tag_.empty())
    send_sip("BYE", 2, {});
}

bool hand_caller::call() {
  send_sip("INVITE", 1, sdp());
  if (!wait_for_answer())
    return false;
  send_sip("ACK", 1, {});
  next_tick_ = steady_clock::now();
  return true;
}

bool hand_caller::wait_for_answer() {
  const auto deadline = steady_clock::now() + std::chrono::seconds(10);
  while (steady_clock::now() < deadline) {
    if (!test::wait_readable(sip_socket_.get(), milliseconds(500)))
      continue;
    const auto response = test::parse_sip(read_from(sip_socket_.get()));
    if (!response || response->status() < 200)
      continue;
    const auto audio = test::parse_audio(response->body);
    if (response->status() != 200 || !audio)
      return false;
    to_tag_ = test::tag_of(response->header("to"));
    target_ = test::uri_of(response->header("contact"));
    media_ = audio->media;
    return true;
  }
  return false;
}

std::string hand_caller::tick() {
  next_tick_ += milliseconds(20);
  for (auto now = steady_clock::now(); now < next_tick_; now = steady_clock::now())
    if (test::wait_readable(rtp_socket_.get(), std::chrono::ceil<milliseconds>(next_tick_ - now)))
      read_from(rtp_socket_.get());
  auto packet = source_.next().front();
  if (protection_) {
    std::vector<std::uint8_t> bytes(packet.begin(), packet.end());
    bytes.resize(packet.size() + audio::max_srtp_overhead);
    const auto size = protection_->protect(bytes, packet.size());
    packet.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
  }
  send(packet);
  return packet;
}

void hand_caller::send(std::string_view bytes, bool to_rtcp_port) const {
  auto where = media_;
  if (to_rtcp_port)
    ++where.port;
  send_to(rtp_socket_.get(), bytes, where);
}

std::string hand_caller::sdp() const {
  auto text = test::make_pcmu_sdp({own_address, test::local_port(rtp_socket_.get())}, 1, "sendrecv");
  if (!options_.secure)
    return text;
  text.replace(text.find("RTP/AVP"), 7, "RTP/SAVP");
  return text + fmt::format("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:{}\r\n", own_key_base64);
}

void hand_caller::send_sip(const std::string& method, int sequence, const std::string& body) {
  const auto port = test::local_port(sip_socket_.get());
  const auto to = fmt::format("sip:{}@{}", test::test_number, test::to_string(options_.server));
  const auto text = fmt::format(
      "{0} {1} SIP/2.0\r\nVia: SIP/2.0/UDP {2}:{3};branch=z9hG4bK{4}{0}{5};rport\r\nMax-Forwards: 70\r\n"
      "From: <sip:{6}@{2}>;tag=hand\r\nTo: <{7}>{8}\r\nCall-ID: {4}\r\nCSeq: {5} {0}\r\n"
      "Contact: <sip:hand@{2}:{3}>\r\n{9}Content-Length: {10}\r\n\r\n{11}",
      method, target_.empty() ? to : target_, own_address, port, call_id_, sequence, options_.from, to,
      to_tag_.empty() ? "" : ";tag=" + to_tag_, body.empty() ? "" : "Content-Type: application/sdp\r\n",
      body.size(), body);
  send_to(sip_socket_.get(), text, options_.server);
}

} // namespace plenary::attack
