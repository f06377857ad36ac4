#include "node/http/http_core.hpp"

#include "node/http/http_session.hpp"
#include "node/http/reply_text.hpp"

namespace plenary {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

/// Pause after a failed accept (no descriptors left), so that the thread does not spin.
constexpr std::chrono::milliseconds accept_retry{100};

} // namespace

http_core::http_core(http_server_options settings, request_handler& target, telemetry& meter, logger& sink)
    : options(std::move(settings))
    , handler(target)
    , meters(meter)
    , log(sink) {}

result<void> http_core::listen() {
  boost::system::error_code failure;
  auto address = asio::ip::make_address(options.host, failure);
  tcp::endpoint where{address, options.port};
  if (!failure)
    acceptor.open(where.protocol(), failure);
  if (!failure)
    acceptor.set_option(tcp::acceptor::reuse_address{true}, failure);
  if (!failure)
    acceptor.bind(where, failure);
  if (!failure)
    acceptor.listen(tcp::acceptor::max_listen_connections, failure);
  if (failure)
    return fail(errc::network, fmt::format("HTTP cannot listen on {} port {}: {}", options.host, options.port,
                                           failure.message()));
  return {};
}

void http_core::accept_next() {
  paused_ = sessions_.size() >= options.max_connections;
  if (paused_ || stopping)
    return;
  acceptor.async_accept([this](const boost::system::error_code& failure, tcp::socket socket) {
    on_accept(failure, std::move(socket));
  });
}

void http_core::on_accept(const boost::system::error_code& failure, tcp::socket socket) {
  if (stopping)
    return;
  if (failure)
    return retry_accept();
  boost::system::error_code gone;
  auto peer = socket.remote_endpoint(gone);
  if (!gone) {
    auto address = peer.address().to_string();
    auto found = per_address_.find(address);
    if (found != per_address_.end() && found->second >= options.max_connections_per_address)
      refuse(std::move(socket));
    else
      std::make_shared<http_session>(*this, std::move(socket), std::move(address))->start();
  }
  accept_next();
}

void http_core::retry_accept() {
  timer.expires_after(accept_retry);
  timer.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled)
      accept_next();
  });
}

/// As much as the socket takes at once: a connection over the limit must not cost more than this.
void http_core::refuse(tcp::socket socket) {
  auto text =
      reply_text(status_reply(429), {next_request_id(), false, false, std::chrono::system_clock::now()});
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  count_status(429);
}

void http_core::stop() {
  stopping = true;
  boost::system::error_code ignored;
  acceptor.close(ignored);
  auto open = sessions_;
  for (auto* session : open)
    session->wind_down();
  timer.expires_after(options.stop_deadline);
  timer.async_wait([this](const boost::system::error_code& cancelled) {
    auto late = sessions_;
    for (auto* session : late)
      if (!cancelled)
        session->close();
  });
  if (sessions_.empty())
    timer.cancel();
}

void http_core::enter(http_session& session) {
  sessions_.insert(&session);
  ++per_address_[session.peer()];
}

void http_core::leave(http_session& session) {
  sessions_.erase(&session);
  if (auto found = per_address_.find(session.peer()); found != per_address_.end() && --found->second == 0)
    per_address_.erase(found);
  if (stopping && sessions_.empty())
    timer.cancel();
  else if (paused_ && !stopping)
    accept_next();
}

std::string http_core::next_request_id() {
  return fmt::format("req_{:016x}", random_());
}

void http_core::count_status(int status) {
  meters.count(status < 400   ? counter::http_requests_ok
               : status < 500 ? counter::http_requests_client_error
                              : counter::http_requests_server_error);
}

} // namespace plenary
