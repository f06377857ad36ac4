#pragma once

#include "node/http/http_core.hpp"

#include <array>
#include <optional>

namespace plenary {

/// One connection. It reads a request, hands it to the handler, writes the reply, and starts over:
///
///   reading --complete--> waiting --reply or deadline--> writing --keep-alive--> reading
///      |                                                    |
///      +--refused--> writing --close--> lingering --> gone <+
///
/// Alive as long as one of its operations is pending. Everything runs on the server's thread.
class http_session : public std::enable_shared_from_this<http_session> {
public:
  http_session(http_core& core, boost::asio::ip::tcp::socket socket, std::string peer);
  ~http_session();

  void start();

  /// Closes at once when no request is under way, else after its reply.
  void wind_down();

  /// Closes at once, whatever is under way.
  void close();

  /// What its address counts as, see `client_group`.
  const std::string& group() const;

  /// Whether nothing is lost for an honest client when it is closed: it sends no request, or only slowly, or
  /// does not read its reply.
  bool is_dispensable() const;

  /// Since when it has been in its present phase.
  std::chrono::steady_clock::time_point waits_since() const;

private:
  enum class phase { reading, waiting, writing, lingering };

  void next_request();
  void advance();
  void read_some();
  void send_continue();
  void dispatch();
  void deliver(std::uint64_t request_number, const server_reply& reply);
  void refuse(int status);
  void write(const server_reply& reply);
  void on_written();
  void linger();
  void arm(std::chrono::milliseconds after, void (http_session::*on_expiry)());
  void on_reply_timeout();
  void on_request_timeout();
  void on_write_timeout();
  void enter(phase next);

  http_core& core_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;
  const std::string peer_;
  const std::string group_;
  phase phase_ = phase::reading;
  std::chrono::steady_clock::time_point phase_since_;
  std::optional<request_parser> parser_;
  std::string buffer_; ///< received, not yet consumed
  std::array<char, 4096> chunk_;
  std::string output_;
  std::string request_id_;
  std::string method_;
  std::string path_;
  std::uint64_t request_number_ = 0;
  std::uint64_t timer_number_ = 0;
  std::size_t lingered_ = 0;
  bool keep_alive_ = true;
  bool sends_continue_ = false;
};

} // namespace plenary
