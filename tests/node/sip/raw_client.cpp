#include "raw_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

namespace plenary::sip_test {

namespace {

sockaddr_in address_of(const char* ip, std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  inet_pton(AF_INET, ip, &address.sin_addr);
  return address;
}

int connected(int type, std::uint16_t port, const char* local_ip) {
  const int socket = ::socket(AF_INET, type, 0);
  const auto local = address_of(local_ip, 0);
  const auto server = address_of("127.0.0.1", port);
  EXPECT_EQ(bind(socket, reinterpret_cast<const sockaddr*>(&local), sizeof local), 0);
  EXPECT_EQ(connect(socket, reinterpret_cast<const sockaddr*>(&server), sizeof server), 0);
  return socket;
}

SSL_CTX* client_context() {
  static SSL_CTX* context = SSL_CTX_new(TLS_client_method());
  return context;
}

int next_number() {
  static int number = 0;
  return ++number;
}

} // namespace

std::string message::header(std::string_view name) const {
  std::size_t at = text.find("\r\n");
  while (at != std::string::npos && text.compare(at, 4, "\r\n\r\n") != 0) {
    at += 2;
    const auto end = text.find("\r\n", at);
    const auto colon = text.find(':', at);
    if (colon - at == name.size() && strncasecmp(text.data() + at, name.data(), name.size()) == 0) {
      const auto from = text.find_first_not_of(' ', colon + 1);
      return text.substr(from, end - from);
    }
    at = end;
  }
  return {};
}

std::string message::method() const {
  const auto value = header("CSeq");
  return value.substr(value.find(' ') + 1);
}

std::uint32_t message::cseq() const {
  return static_cast<std::uint32_t>(std::stoul("0" + header("CSeq")));
}

line line::udp(std::uint16_t server_port, const char* local_ip) {
  return {connected(SOCK_DGRAM, server_port, local_ip), "UDP"};
}

line line::tcp(std::uint16_t server_port) {
  return {connected(SOCK_STREAM, server_port, "127.0.0.1"), "TCP"};
}

line line::tls(std::uint16_t server_port) {
  line secured(connected(SOCK_STREAM, server_port, "127.0.0.1"), "TLS");
  secured.tls_ = SSL_new(client_context());
  SSL_set_fd(secured.tls_, secured.socket_);
  EXPECT_EQ(SSL_connect(secured.tls_), 1);
  return secured;
}

line::line(line&& other) noexcept
    : socket_(std::exchange(other.socket_, -1))
    , transport_(other.transport_)
    , tls_(std::exchange(other.tls_, nullptr))
    , buffered_(std::move(other.buffered_)) {}

line::~line() {
  if (tls_ != nullptr)
    SSL_free(tls_);
  if (socket_ >= 0)
    close(socket_);
}

std::string line::tls_version() const {
  return SSL_get_version(tls_);
}

void line::send(std::string_view text) {
  if (tls_ != nullptr)
    SSL_write(tls_, text.data(), static_cast<int>(text.size()));
  else if (::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) < 0)
    SUCCEED() << "the server may have closed the connection";
}

bool line::read_more(std::chrono::milliseconds timeout) {
  pollfd waiting{socket_, POLLIN, 0};
  const bool pending = tls_ != nullptr && SSL_pending(tls_) > 0;
  if (!pending && poll(&waiting, 1, static_cast<int>(timeout.count())) != 1)
    return false;
  char bytes[65536];
  const auto count = tls_ != nullptr ? SSL_read(tls_, bytes, sizeof bytes)
                                     : static_cast<int>(recv(socket_, bytes, sizeof bytes, 0));
  if (count <= 0)
    return false;
  buffered_.append(bytes, static_cast<std::size_t>(count));
  return true;
}

std::optional<message> line::take_buffered() {
  while (buffered_.starts_with("\r\n"))
    buffered_.erase(0, 2);
  const auto end = buffered_.find("\r\n\r\n");
  if (end == std::string::npos)
    return std::nullopt;
  const message head{buffered_.substr(0, end + 4)};
  const auto size = end + 4 + std::stoul("0" + head.header("Content-Length"));
  if (buffered_.size() < size)
    return std::nullopt;
  message whole{buffered_.substr(0, size)};
  buffered_.erase(0, size);
  return whole;
}

std::optional<message> line::receive(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  for (;;) {
    if (auto whole = take_buffered())
      return whole;
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() < 0 || !read_more(left))
      return std::nullopt;
  }
}

std::uint16_t line::local_port() const {
  sockaddr_in local{};
  socklen_t size = sizeof local;
  getsockname(socket_, reinterpret_cast<sockaddr*>(&local), &size);
  return ntohs(local.sin_port);
}

caller::caller(line& over, std::string called)
    : call_id(fmt::format("call-{}-{}@test", getpid(), next_number()))
    , contact(fmt::format("sip:alice@127.0.0.1:{}", over.local_port()))
    , line_(&over)
    , called_(std::move(called))
    , tag_(fmt::format("t{}", next_number())) {}

std::string caller::text_of(const request& parts) {
  const bool follows = parts.method == "ACK" || parts.method == "CANCEL";
  if (parts.cseq != 0)
    cseq = parts.cseq;
  else if (!follows)
    ++cseq;
  if (!parts.branch.empty())
    branch = parts.branch;
  else if (parts.method != "CANCEL")
    branch = fmt::format("z9hG4bK{}x{}", getpid(), next_number());
  const auto content = parts.body.empty() ? "" : "Content-Type: application/sdp\r\n";
  return fmt::format(
      "{} sip:{}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/{} 127.0.0.1:{};rport;branch={}\r\n"
      "Max-Forwards: 70\r\nFrom: <sip:{}@carrier.example>;tag={}\r\nTo: <sip:{}@127.0.0.1>{}\r\n"
      "Call-ID: {}\r\nCSeq: {} {}\r\n{}{}{}Content-Length: {}\r\n\r\n{}",
      parts.method, called_, line_->transport(), line_->local_port(), branch, from_user, tag_, called_,
      remote_tag.empty() ? "" : ";tag=" + remote_tag, call_id, cseq, parts.method,
      parts.contact ? fmt::format("Contact: <{}>\r\n", contact) : "", parts.headers, content,
      parts.body.size(), parts.body);
}

message caller::expect() {
  auto received = line_->receive();
  EXPECT_TRUE(received) << "nothing came";
  return received.value_or(message{"SIP/2.0 000 Nothing\r\n\r\n"});
}

message caller::expect_final() {
  auto received = expect();
  while (received.is_response() && received.status() >= 100 && received.status() < 200)
    received = expect();
  const auto to = received.header("To");
  if (const auto at = to.find("tag="); received.status() >= 200 && at != std::string::npos)
    remote_tag = to.substr(at + 4);
  return received;
}

void caller::send_ack(std::string_view body) {
  send({"ACK", {}, std::string(body), {}, 0, false});
}

void caller::respond(const message& to, int status, std::string_view headers, std::string_view body) {
  line_->send(fmt::format(
      "SIP/2.0 {} Whatever\r\nVia: {}\r\nFrom: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {}\r\n"
      "Contact: <{}>\r\n{}{}Content-Length: {}\r\n\r\n{}",
      status, to.header("Via"), to.header("From"), to.header("To"), to.header("Call-ID"), to.header("CSeq"),
      contact, headers, body.empty() ? "" : "Content-Type: application/sdp\r\n", body.size(), body));
}

void caller::dial(const std::string& headers) {
  send({"INVITE", headers, std::string(sdp_offer), {}, 0, true});
  EXPECT_EQ(expect().status(), 100);
}

} // namespace plenary::sip_test
