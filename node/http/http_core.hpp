#pragma once

#include "node/http/http_server.hpp"
#include "schema/token_bucket.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <map>
#include <random>
#include <unordered_set>

namespace plenary {

class http_session;

/// What the listener and its connections share; everything but `io` belongs to the server's thread.
class http_core : public std::enable_shared_from_this<http_core> {
public:
  http_core(http_server_options settings, request_handler& target, telemetry& meter, logger& sink);

  /// Opens the listening socket.
  result<void> listen();
  void accept_next();
  void stop();

  /// A session counts itself in and out; leaving may resume accepting.
  void enter(http_session& session);
  void leave(http_session& session);

  std::string next_request_id();
  void count_status(int status);
  void count_too_slow();

  http_server_options options;
  request_handler& handler;
  telemetry& meters;
  logger& log;
  bool stopping = false;

private:
  void accept_now();
  void accept_when_there_is_room();
  void on_accept(const boost::system::error_code& failure, boost::asio::ip::tcp::socket socket);
  void on_accept_failed(const boost::system::error_code& failure);
  void retry_accept();
  void refuse(boost::asio::ip::tcp::socket socket);
  /// Closes the connection that has kept its client's place longest without a request under way: of this
  /// group of addresses, or of the one that has most connections. False when each is at work.
  bool close_slowest(const std::string& group);
  std::string greatest_group() const;

  std::unordered_set<http_session*> sessions_;
  std::map<std::string, std::size_t> per_group_;
  bool paused_ = false;
  token_bucket log_lines_{{0.1, 1}, std::chrono::steady_clock::now()};
  std::mt19937_64 random_{std::random_device{}()};

public:
  // Declared last, so that handlers that still hold sessions go before what sessions use.
  boost::asio::io_context io{1};
  boost::asio::ip::tcp::acceptor acceptor{io};
  boost::asio::steady_timer timer{io};
};

} // namespace plenary
