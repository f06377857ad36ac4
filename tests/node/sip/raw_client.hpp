#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_st;

namespace plenary::sip_test {

/// A SIP message as text, with just enough reading for assertions.
struct message {
  std::string text;

  bool is_response() const { return text.starts_with("SIP/2.0 "); }
  int status() const { return is_response() ? std::stoi(text.substr(8, 3)) : 0; }
  std::string method() const; ///< of the CSeq
  std::uint32_t cseq() const;
  /// The first header of this name (any case), or an empty text.
  std::string header(std::string_view name) const;
  std::string body() const { return text.substr(text.find("\r\n\r\n") + 4); }
};

/// A socket to the server: UDP, TCP or TLS.
class line {
public:
  static line udp(std::uint16_t server_port, const char* local_ip = "127.0.0.1");
  static line tcp(std::uint16_t server_port);
  static line tls(std::uint16_t server_port);
  line(line&& other) noexcept;
  ~line();

  void send(std::string_view text);
  /// The next message, or nothing within the time.
  std::optional<message> receive(std::chrono::milliseconds timeout = std::chrono::seconds(5));

  const char* transport() const { return transport_; }
  std::uint16_t local_port() const;
  /// Protocol version of the TLS connection.
  std::string tls_version() const;

private:
  line(int socket, const char* transport)
      : socket_(socket)
      , transport_(transport) {}
  bool read_more(std::chrono::milliseconds timeout);
  std::optional<message> take_buffered();

  int socket_;
  const char* transport_;
  ssl_st* tls_ = nullptr;
  std::string buffered_;
};

/// Parts of a request that tests change.
struct request {
  std::string method = "INVITE";
  std::string headers; ///< further lines
  std::string body;
  std::string branch;     ///< empty: a new one
  std::uint32_t cseq = 0; ///< 0: the next
  bool contact = true;
};

/// One call as seen by the caller: writes requests and answers of one dialog over a line.
class caller {
public:
  explicit caller(line& over, std::string called = "+15551230002");

  std::string text_of(const request& parts);
  void send(const request& parts) { line_->send(text_of(parts)); }
  /// The next message.
  message expect();
  /// The next answer that is not provisional; takes the To tag.
  message expect_final();
  void send_ack(std::string_view body = {});
  /// Answers a request of the server.
  void respond(const message& to, int status, std::string_view headers = {}, std::string_view body = {});

  /// INVITE with an offer, 100; the server has it now.
  void dial(const std::string& headers = {});

  std::string from_user = "+4930123456";
  std::string remote_tag;
  std::string call_id;
  std::string branch; ///< of the latest request
  std::uint32_t cseq = 0;
  std::string contact; ///< URI

private:
  line* line_;
  std::string called_;
  std::string tag_;
};

inline constexpr std::string_view sdp_offer =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
    "t=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";
inline constexpr std::string_view sdp_answer =
    "v=0\r\no=- 2 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\n"
    "t=0 0\r\nm=audio 5000 RTP/AVP 0\r\n";

} // namespace plenary::sip_test
