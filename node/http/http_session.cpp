#include "node/http/http_session.hpp"

#include "node/http/reply_text.hpp"
#include "node/http/request_limits.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

namespace plenary {

namespace asio = boost::asio;
using boost::system::error_code;
using tcp = asio::ip::tcp;

namespace {

constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

/// A refused client that still sends gets this long and this many bytes before the connection is reset,
/// so that it can read why (RFC 9112 9.6).
constexpr std::chrono::milliseconds linger_time{1000};
constexpr std::size_t linger_bytes = 1024 * 1024;
/// A client that reads takes less for a whole reply; over that its connection may go to another.
constexpr std::chrono::milliseconds patient_write{1000};

} // namespace

http_session::http_session(http_core& core, tcp::socket socket, std::string peer)
    : core_(core)
    , socket_(std::move(socket))
    , timer_(core.io)
    , peer_(std::move(peer))
    , group_(client_group(peer_))
    , phase_since_(std::chrono::steady_clock::now()) {
  core_.enter(*this);
}

http_session::~http_session() {
  core_.leave(*this);
}

const std::string& http_session::group() const {
  return group_;
}

bool http_session::is_dispensable() const {
  switch (phase_) {
  case phase::reading:
  case phase::lingering:
    return true;
  case phase::waiting:
    return false;
  case phase::writing:
    return std::chrono::steady_clock::now() - phase_since_ > patient_write;
  }
  return false;
}

std::chrono::steady_clock::time_point http_session::waits_since() const {
  return phase_since_;
}

void http_session::enter(phase next) {
  phase_ = next;
  phase_since_ = std::chrono::steady_clock::now();
}

void http_session::start() {
  error_code ignored;
  socket_.set_option(tcp::no_delay{true}, ignored);
  next_request();
}

void http_session::wind_down() {
  keep_alive_ = false;
  if (phase_ == phase::reading)
    close();
}

void http_session::close() {
  error_code ignored;
  ++timer_number_;
  timer_.cancel();
  socket_.close(ignored);
  core_.leave(*this); // its place is free now, not when the last operation has come back
}

/// The deadline covers the whole request, so that dribbling bytes do not extend it.
void http_session::next_request() {
  enter(phase::reading);
  parser_.emplace(core_.options.limits);
  arm(core_.options.request_deadline, &http_session::on_request_timeout);
  advance();
}

void http_session::advance() {
  switch (parser_->feed(buffer_)) {
  case request_parser::step::need_more:
    return parser_->wants_continue() ? send_continue() : read_some();
  case request_parser::step::complete:
    return dispatch();
  case request_parser::step::refused:
    return refuse(parser_->refusal());
  }
}

void http_session::read_some() {
  socket_.async_read_some(asio::buffer(chunk_),
                          [self = shared_from_this()](const error_code& failure, std::size_t size) {
                            if (failure)
                              return self->close();
                            if (self->phase_ != phase::reading)
                              return; // too late: the deadline has been answered
                            self->buffer_.append(self->chunk_.data(), size);
                            self->advance();
                          });
}

void http_session::send_continue() {
  sends_continue_ = true;
  asio::async_write(socket_, asio::buffer(continue_text),
                    [self = shared_from_this()](const error_code& failure, std::size_t) {
                      if (failure)
                        return self->close();
                      self->sends_continue_ = false;
                      self->read_some();
                    });
}

void http_session::dispatch() {
  enter(phase::waiting);
  keep_alive_ = parser_->keep_alive() && !core_.stopping;
  auto request = parser_->take();
  request.id = request_id_ = core_.next_request_id();
  request.peer = peer_;
  method_ = request.method;
  path_ = request.path;
  ++request_number_;
  arm(core_.options.reply_deadline, &http_session::on_reply_timeout);
  // The callback keeps the core, not this session: a reply that nobody sends must not hold a connection,
  // and one that comes after the server's end must find somewhere to go.
  core_.handler.handle(std::move(request), [core = core_.shared_from_this(), weak = weak_from_this(),
                                            number = request_number_](server_reply reply) {
    asio::post(core->io, [weak, number, reply = std::move(reply)] {
      if (auto self = weak.lock())
        self->deliver(number, reply);
    });
  });
}

void http_session::deliver(std::uint64_t request_number, const server_reply& reply) {
  if (phase_ == phase::waiting && request_number == request_number_)
    write(reply);
}

void http_session::on_reply_timeout() {
  core_.log.warning("http_reply_timeout", {{"request", request_id_}, {"method", method_}, {"path", path_}});
  write(status_reply(504));
}

void http_session::refuse(int status) {
  keep_alive_ = false;
  request_id_ = core_.next_request_id();
  method_.clear();
  path_.clear();
  write(status_reply(status));
}

/// An idle connection is closed without a word; who has begun to ask is told (RFC 9110 15.5.9).
void http_session::on_request_timeout() {
  const bool is_idle = !parser_->has_begun();
  if (!is_idle)
    core_.count_too_slow();
  if (is_idle || sends_continue_)
    return close();
  refuse(408);
}

void http_session::on_write_timeout() {
  core_.count_too_slow();
  close();
}

void http_session::write(const server_reply& reply) {
  enter(phase::writing);
  core_.count_status(reply.status);
  core_.log.debug("http_request_answered", {{"request", request_id_},
                                            {"method", method_},
                                            {"path", path_},
                                            {"status", std::int64_t{reply.status}},
                                            {"peer", peer_}});
  keep_alive_ = keep_alive_ && !core_.stopping;
  output_ =
      reply_text(reply, {request_id_, method_ == "HEAD", keep_alive_, std::chrono::system_clock::now()});
  arm(core_.options.request_deadline, &http_session::on_write_timeout);
  asio::async_write(socket_, asio::buffer(output_),
                    [self = shared_from_this()](const error_code& failure, std::size_t) {
                      if (failure)
                        return self->close();
                      self->on_written();
                    });
}

void http_session::on_written() {
  std::string{}.swap(output_); // a great reply does not stay in an idle connection
  if (keep_alive_)
    return next_request();
  enter(phase::lingering);
  error_code ignored;
  socket_.shutdown(tcp::socket::shutdown_send, ignored);
  arm(linger_time, &http_session::close);
  linger();
}

void http_session::linger() {
  socket_.async_read_some(asio::buffer(chunk_),
                          [self = shared_from_this()](const error_code& failure, std::size_t size) {
                            self->lingered_ += size;
                            if (failure || self->lingered_ > linger_bytes)
                              return self->close();
                            self->linger();
                          });
}

void http_session::arm(std::chrono::milliseconds after, void (http_session::*on_expiry)()) {
  timer_.expires_after(after);
  timer_.async_wait(
      [self = shared_from_this(), number = ++timer_number_, on_expiry](const error_code& cancelled) {
        if (!cancelled && number == self->timer_number_)
          (self.get()->*on_expiry)();
      });
}

} // namespace plenary
