#include "node/http/http_core.hpp"

#include "node/http/http_session.hpp"
#include "node/http/reply_text.hpp"
#include "node/http/request_limits.hpp"

#include <fmt/format.h>

#include <algorithm>

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
  paused_ = false;
  if (stopping)
    return;
  if (sessions_.size() < options.max_connections)
    return accept_now();
  acceptor.async_wait(tcp::acceptor::wait_read, [this](const boost::system::error_code& failure) {
    if (!failure && !stopping)
      accept_when_there_is_room();
  });
}

void http_core::accept_now() {
  acceptor.async_accept([this](const boost::system::error_code& failure, tcp::socket socket) {
    on_accept(failure, std::move(socket));
  });
}

/// A client waits while there is no place: a slow one gives its place up, or all are at work.
void http_core::accept_when_there_is_room() {
  if (sessions_.size() < options.max_connections || close_slowest(greatest_group()))
    return accept_now();
  paused_ = true;
  retry_accept();
}

void http_core::on_accept(const boost::system::error_code& failure, tcp::socket socket) {
  if (stopping)
    return;
  if (failure)
    return on_accept_failed(failure);
  boost::system::error_code gone;
  auto peer = socket.remote_endpoint(gone);
  if (!gone) {
    auto address = peer.address().to_string();
    const auto group = client_group(address);
    auto found = per_group_.find(group);
    if (found != per_group_.end() && found->second >= options.max_connections_per_address &&
        !close_slowest(group))
      refuse(std::move(socket));
    else
      std::make_shared<http_session>(*this, std::move(socket), std::move(address))->start();
  }
  accept_next();
}

/// Without descriptors the connection stays in the kernel's queue: a slow client gives its descriptor up.
void http_core::on_accept_failed(const boost::system::error_code& failure) {
  meters.count(counter::http_accept_failures);
  const auto reason = failure.message();
  if (log_lines_.take(std::chrono::steady_clock::now()))
    log.warning("http_accept_failed", {{"reason", std::string_view{reason}},
                                       {"connections", static_cast<std::int64_t>(sessions_.size())}});
  if (!sessions_.empty())
    close_slowest(greatest_group());
  paused_ = true;
  retry_accept();
}

void http_core::retry_accept() {
  timer.expires_after(accept_retry);
  timer.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled && paused_)
      accept_next();
  });
}

std::string http_core::greatest_group() const {
  const auto found = std::max_element(per_group_.begin(), per_group_.end(),
                                      [](const auto& a, const auto& b) { return a.second < b.second; });
  return found == per_group_.end() ? std::string{} : found->first;
}

bool http_core::close_slowest(const std::string& group) {
  http_session* slowest = nullptr;
  for (auto* each : sessions_)
    if (each->is_dispensable() && each->group() == group &&
        (slowest == nullptr || each->waits_since() < slowest->waits_since()))
      slowest = each;
  if (slowest == nullptr)
    return false;
  count_too_slow();
  slowest->close();
  return true;
}

/// As much as the socket takes at once: a connection over the limit must not cost more than this.
void http_core::refuse(tcp::socket socket) {
  count_status(429);
  meters.count(counter::http_limited_connections);
  auto reply = status_reply(429);
  reply.headers.emplace_back("Retry-After", "1");
  const auto text = reply_text(reply, {next_request_id(), false, false, std::chrono::system_clock::now()});
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(asio::buffer(text), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
  if (log_lines_.take(std::chrono::steady_clock::now()))
    log.warning(
        "http_limit_reached",
        {{"limit", "connections"}, {"most", static_cast<std::int64_t>(options.max_connections_per_address)}});
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
  ++per_group_[session.group()];
  meters.set(gauge::http_connections, static_cast<double>(sessions_.size()));
}

void http_core::leave(http_session& session) {
  if (sessions_.erase(&session) == 0)
    return; // it has left before its last operation came back
  meters.set(gauge::http_connections, static_cast<double>(sessions_.size()));
  if (auto found = per_group_.find(session.group()); found != per_group_.end() && --found->second == 0)
    per_group_.erase(found);
  if (stopping && sessions_.empty())
    timer.cancel();
  else if (paused_ && !stopping)
    accept_next();
}

void http_core::count_too_slow() {
  meters.count(counter::http_connections_too_slow);
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
