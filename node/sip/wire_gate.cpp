#include "node/sip/wire_gate.hpp"

#include "node/sip/message_reader.hpp"
#include "node/sip/text.hpp"
#include "node/sip/wire_checks.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace plenary::sip_layer {

namespace {

using std::chrono::steady_clock;

/// Behind libre's TLS, which has layer 0.
constexpr int gate_layer = 10;
constexpr std::size_t longest_datagram = wire_limits::head_bytes + wire_limits::body_bytes;
/// What waits in the kernel while the thread is busy; the system may grant less.
constexpr int socket_buffer_bytes = 4 * 1024 * 1024;
constexpr std::chrono::milliseconds sweep_period{500};

std::string_view text_of(const mbuf* bytes) {
  return {reinterpret_cast<const char*>(bytes->buf + bytes->pos), bytes->end - bytes->pos};
}

void replace(mbuf* bytes, std::string_view text) {
  mbuf_rewind(bytes);
  mbuf_write_mem(bytes, reinterpret_cast<const std::uint8_t*>(text.data()), text.size());
  mbuf_set_pos(bytes, 0);
}

re_ptr<mbuf> buffer_with(std::string_view text) {
  re_ptr<mbuf> made(mbuf_alloc(text.size()));
  replace(made.get(), text);
  return made;
}

wire_source source_of(const sa& address) {
  char text[INET6_ADDRSTRLEN] = "";
  sa_ntop(&address, text, sizeof text);
  return {text, sa_port(&address)};
}

/// RFC 8489 5: two zero bits and the magic cookie.
bool is_stun(std::string_view bytes) {
  return bytes.size() >= 20 && (bytes[0] & 0xc0) == 0 && bytes.substr(4, 4) == "\x21\x12\xa4\x42";
}

bool is_response(std::string_view bytes) {
  return equal_ignoring_case(bytes.substr(0, std::min<std::size_t>(8, bytes.size())), "SIP/2.0 ");
}

/// Blank lines and zeros that keep a NAT open.
bool is_keep_alive(std::string_view bytes) {
  return bytes.find_first_not_of(std::string_view("\r\n \0", 4)) == std::string_view::npos;
}

bool libre_reads(const std::string& text) {
  const auto bytes = buffer_with(text);
  re_ptr<sip_msg> decoded;
  return sip_msg_decode(decoded.out(), bytes.get()) == 0;
}

void strip(mbuf* bytes) {
  auto* text = reinterpret_cast<char*>(bytes->buf + bytes->pos);
  bytes->end = bytes->pos + strip_marks(text, bytes->end - bytes->pos);
}

bool is_malformed(int status) {
  return status == 400 || status == 505 || status == 513;
}

std::string_view called_in(std::string_view bytes) {
  const auto from = bytes.find(':');
  return from == std::string_view::npos
             ? std::string_view{}
             : bytes.substr(from + 1,
                            std::min<std::size_t>(bytes.find_first_of("@ \r\n", from), 256) - from - 1);
}

} // namespace

wire_gate::wire_gate(const sip_settings& settings, const admission& judge, telemetry& counters, logger& log,
                     refusal_log& refused)
    : settings_(settings)
    , judge_(judge)
    , counters_(counters)
    , log_(log)
    , refused_(refused)
    , budget_(steady_clock::now())
    , connections_(settings.max_connections, settings.max_connections_per_address)
    , connection_lines_({0.1, 3}, steady_clock::now())
    , sweeper_([this] { sweep(); }) {
  set_gate_of_thread(this);
  keep_spare();
  sweeper_.start(sweep_period);
}

wire_gate::~wire_gate() {
  set_gate_of_thread(nullptr);
  if (spare_ >= 0)
    ::close(spare_);
}

bool wire_gate::keep_spare() {
  if (spare_ < 0)
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  return spare_ >= 0;
}

/// A process without descriptors cannot accept, so what waits in a listening socket would wake the thread for
/// ever: the spare one makes room to accept it, and to close it.
void wire_gate::yield_spare_when_exhausted() {
  const int probe = ::dup(spare_);
  if (probe >= 0)
    ::close(probe);
  else if (errno == EMFILE || errno == ENFILE)
    ::close(std::exchange(spare_, -1));
}

void wire_gate::guard(udp_sock* socket) {
  sockets_.push_back(std::make_unique<guarded_socket>(guarded_socket{this, socket}));
  udp_rxsz_set(socket, longest_datagram + 1);
  udp_sockbuf_set(socket, socket_buffer_bytes);
  // The socket owns the helper.
  PLENARY_ASSERT(udp_register_helper(nullptr, socket, gate_layer, on_departure, on_datagram,
                                     sockets_.back().get()) == 0);
}

bool wire_gate::guard_accepted(tcp_conn* connection) {
  sa peer;
  if (tcp_conn_peer_get(connection, &peer) != 0)
    return false;
  if (!admit_connection(to_ip(peer), peer)) {
    const linger at_once{1, 0}; // a reset leaves nothing behind
    ::setsockopt(tcp_conn_fd(connection), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    return false;
  }
  watch(connection, peer, true);
  return true;
}

void wire_gate::guard_made(tcp_conn* connection, const sa& peer) {
  watch(connection, peer, false);
}

void wire_gate::watch(tcp_conn* connection, const sa& peer, bool incoming) {
  const int descriptor = tcp_conn_fd(connection);
  const int on = 1;
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  auto guarded = std::make_unique<guarded_connection>(
      guarded_connection{this, connection, peer, incoming, stream_framer(steady_clock::now(), !incoming)});
  // The connection owns the helper, and closes its descriptor before it goes.
  PLENARY_ASSERT(tcp_register_helper(nullptr, connection, gate_layer, nullptr, on_stream_departure, on_stream,
                                     guarded.get()) == 0);
  streams_[descriptor] = std::move(guarded);
  counters_.set(gauge::sip_connections, static_cast<double>(streams_.size()));
}

bool wire_gate::admit_connection(const ip_address& peer, const sa& address) {
  auto counted = counter::sip_connections_refused_source;
  std::string_view reason = "source";
  if (!keep_spare()) {
    counted = counter::sip_connections_refused_full;
    reason = "descriptors";
  } else if (judge_.knows(peer)) {
    const auto verdict = connections_.open(peer);
    if (verdict == connection_count::verdict::admitted)
      return true;
    const bool full = verdict == connection_count::verdict::full;
    counted = full ? counter::sip_connections_refused_full : counter::sip_connections_refused_address;
    reason = full ? "full" : "address";
  }
  counters_.count(counted);
  if (connection_lines_.take(steady_clock::now())) {
    const auto source = to_text(address);
    log_.warning("sip_connection_refused", {{"source", std::string_view(source)}, {"reason", reason}});
  }
  return false;
}

void wire_gate::take_limits() {
  connections_.bound(settings_.max_connections, settings_.max_connections_per_address);
}

void wire_gate::forget(int descriptor) {
  const auto found = streams_.find(descriptor);
  if (found == streams_.end())
    return;
  if (found->second->incoming)
    connections_.close(to_ip(found->second->peer));
  streams_.erase(found);
  counters_.set(gauge::sip_connections, static_cast<double>(streams_.size()));
}

void wire_gate::sweep() {
  const auto now = steady_clock::now();
  const stream_patience patience{settings_.message_timeout, settings_.idle_timeout};
  for (const auto& [descriptor, guarded] : streams_) {
    const auto late = guarded->framer.overdue(now, patience);
    if (late == stream_framer::lateness::none)
      continue;
    counters_.count(late == stream_framer::lateness::slow ? counter::sip_connections_closed_slow
                                                          : counter::sip_connections_closed_idle);
    ::shutdown(descriptor, SHUT_RDWR); // libre reads the end and closes
  }
  if (keep_spare())
    yield_spare_when_exhausted();
  sweeper_.start(sweep_period);
}

bool wire_gate::on_datagram(sa* source, mbuf* bytes, void* socket) {
  auto& guarded = *static_cast<guarded_socket*>(socket);
  return guarded.gate->take_datagram(*source, bytes, guarded.socket);
}

bool wire_gate::on_departure(int*, sa*, mbuf* bytes, void*) {
  strip(bytes);
  return false;
}

bool wire_gate::on_stream(int* error, mbuf* bytes, bool*, void* connection) {
  auto& guarded = *static_cast<guarded_connection*>(connection);
  return guarded.gate->take_stream(guarded, bytes, *error);
}

bool wire_gate::on_stream_departure(int*, mbuf* bytes, void*) {
  strip(bytes);
  return false;
}

bool wire_gate::take_datagram(const sa& source, mbuf* bytes, udp_sock* socket) {
  const auto text = text_of(bytes);
  const bool known = judge_.knows(to_ip(source));
  if (!known && !is_response(text)) {
    take_stranger(source, text, socket);
    return true;
  }
  if (known && is_stun(text))
    return false;
  if (is_keep_alive(text))
    return true;
  const auto passed = pass(text, source, [&](const std::string& answer, std::uint16_t port) {
    auto target = source;
    sa_set_port(&target, port);
    const auto packet = buffer_with(answer);
    udp_send(socket, &target, packet.get());
  });
  if (passed)
    replace(bytes, *passed);
  return !passed;
}

void wire_gate::take_stranger(const sa& source, std::string_view bytes, udp_sock* socket) {
  const auto now = steady_clock::now();
  const auto ip = to_ip(source);
  wire_message message;
  std::string answer;
  if (settings_.answer_strangers && budget_.take(ip, now) && read_wire(bytes, message) &&
      message.method != "ACK")
    answer = write_answer(message, {403, "Forbidden", {}}, source_of(source), {});
  const bool answered = !answer.empty() && answer.size() <= bytes.size();
  counters_.count(answered ? counter::sip_strangers_answered : counter::sip_strangers_ignored);
  if (bytes.starts_with("INVITE ")) {
    counters_.count(counter::invites_refused_source);
    const auto address = to_text(source);
    refused_.write(ip, {address, called_in(bytes), answered ? 403 : 0, "source", "no trunk has this address"},
                   now);
  }
  if (!answered)
    return;
  auto target = source;
  sa_set_port(&target, answer_port(message, source_of(source)));
  const auto packet = buffer_with(answer);
  udp_send(socket, &target, packet.get());
}

std::optional<std::string> wire_gate::pass(std::string_view bytes, const sa& source,
                                           const answer_sender& answer) {
  counters_.count(counter::sip_messages_received);
  wire_message message;
  if (!read_wire(bytes, message)) {
    counters_.count(counter::sip_messages_malformed);
    return std::nullopt;
  }
  const auto wrong = check_wire(message);
  auto text = wrong ? tl::unexpected(*wrong) : write_wire(message, source_of(source));
  if (text && !libre_reads(*text))
    text = tl::unexpected(message_refusal{400, "Not Understood", {}});
  if (text)
    return std::move(*text);
  refuse(message, text.error(), source, answer);
  return std::nullopt;
}

void wire_gate::refuse(const wire_message& message, const message_refusal& why, const sa& source,
                       const answer_sender& answer) {
  const bool malformed = is_malformed(why.status);
  if (malformed)
    counters_.count(counter::sip_messages_malformed);
  if (message.is_response || message.method == "ACK") // never answered (RFC 3261 17)
    return;
  if (message.method == "INVITE") {
    counters_.count(malformed ? counter::invites_refused_malformed : counter::invites_refused_unsupported);
    const auto address = to_text(source);
    refused_.write(
        to_ip(source),
        {address, called_user(message), why.status, malformed ? "malformed" : "unsupported", why.reason},
        steady_clock::now());
  }
  const auto from = source_of(source);
  answer(write_answer(message, why, from, settings_.user_agent), answer_port(message, from));
}

bool wire_gate::take_stream(guarded_connection& from, mbuf* bytes, int& error) {
  const auto now = steady_clock::now();
  const auto send = [&from](const std::string& answer, std::uint16_t) {
    const auto packet = buffer_with(answer);
    tcp_send(from.connection, packet.get());
  };
  const bool known = judge_.knows(to_ip(from.peer));
  std::string passed;
  from.framer.take(text_of(bytes), now);
  while (const auto unit = from.framer.next(now)) {
    if (unit->what == stream_framer::kind::ping) {
      passed += "\r\n\r\n"; // libre answers it
    } else if (unit->what == stream_framer::kind::broken) {
      counters_.count(counter::sip_connections_closed_malformed);
      wire_message message;
      if (known && read_wire(unit->bytes, message))
        refuse(message, unit->answer, from.peer, send);
      error = EBADMSG;
      return true;
    } else if (known || is_response(unit->bytes)) {
      passed += pass(unit->bytes, from.peer, send).value_or(std::string{});
    }
  }
  if (!passed.empty())
    replace(bytes, passed);
  return passed.empty();
}

} // namespace plenary::sip_layer
