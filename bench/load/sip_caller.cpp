#include "bench/load/sip_caller.hpp"

#include "bench/load/udp_socket.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds give_up_after{32}; // timer B and F, RFC 3261 section 17.1
constexpr std::chrono::seconds longest_interval{4};

bool is_open(call_phase phase) {
  return phase == call_phase::inviting || phase == call_phase::ending;
}

} // namespace

result<std::unique_ptr<sip_caller>> sip_caller::make(const sockaddr_in& server) {
  auto opened = open_udp(make_address(INADDR_LOOPBACK, 0), udp_buffers::large);
  if (!opened)
    return tl::unexpected(opened.error());
  return std::unique_ptr<sip_caller>(new sip_caller(opened->descriptor, server, opened->local));
}

sip_caller::sip_caller(int socket, const sockaddr_in& server, const sockaddr_in& local)
    : socket_(socket)
    , server_(server)
    , local_(local)
    , call_id_prefix_(fmt::format("load-{}-{}-", getpid(), ntohs(local.sin_port))) {}

sip_caller::~sip_caller() {
  close(socket_);
}

void sip_caller::send(const std::string& text) {
  sendto(socket_, text.data(), text.size(), 0, reinterpret_cast<const sockaddr*>(&server_), sizeof server_);
}

std::string sip_caller::write_request(std::size_t call, const char* method, std::uint32_t cseq) const {
  const auto& request = calls_[call].request;
  const auto& known = dialogs_[call];
  const auto server = host_port(server_);
  const auto local = host_port(local_);
  const auto uri =
      known.remote_target.empty() ? fmt::format("sip:{}@{}", request.to_user, server) : known.remote_target;
  const auto to =
      known.remote_to.empty() ? fmt::format("<sip:{}@{}>", request.to_user, server) : known.remote_to;
  const bool invite = std::string_view(method) == "INVITE";
  const auto body = invite ? write_sdp(request.media, request.inline_key) : std::string();
  return fmt::format(
      "{0} {1} SIP/2.0\r\nVia: SIP/2.0/UDP {2};rport;branch=z9hG4bK{3}{0}{4}\r\nMax-Forwards: 70\r\n"
      "From: <sip:{5}@{2}>;tag=t{4}\r\nTo: {6}\r\nCall-ID: {3}{4}\r\nCSeq: {7} {0}\r\n"
      "Contact: <sip:{5}@{2}>\r\n{8}Content-Length: {9}\r\n\r\n{10}",
      method, uri, local, call_id_prefix_, call, request.from_user, to, cseq,
      invite ? "Content-Type: application/sdp\r\n" : "", body.size(), body);
}

void sip_caller::start(std::size_t call, std::string request) {
  const auto now = clock::now();
  auto& open = dialogs_[call].open;
  open = {std::move(request), now, now + std::chrono::milliseconds(500), std::chrono::milliseconds(500),
          false};
  open_.push_back(call);
  send(open.request);
}

std::size_t sip_caller::place(call_request request) {
  const auto call = calls_.size();
  calls_.push_back({std::move(request), call_phase::inviting, {}, {}, 0, 0});
  dialogs_.emplace_back();
  start(call, write_request(call, "INVITE", 1));
  return call;
}

void sip_caller::hang_up(std::size_t call) {
  if (calls_[call].phase != call_phase::up)
    return;
  calls_[call].phase = call_phase::ending;
  start(call, write_request(call, "BYE", 2));
}

std::vector<std::size_t> sip_caller::poll(std::chrono::milliseconds wait) {
  std::vector<std::size_t> changed;
  pollfd waiting{socket_, POLLIN, 0};
  if (::poll(&waiting, 1, static_cast<int>(wait.count())) > 0) {
    std::array<char, 8192> buffer;
    for (ssize_t size; (size = recv(socket_, buffer.data(), buffer.size(), MSG_DONTWAIT)) > 0;) {
      if (const auto message = parse_sip({buffer.data(), static_cast<std::size_t>(size)}))
        on_message(*message, changed);
    }
  }
  send_again(clock::now(), changed);
  return changed;
}

void sip_caller::on_message(const sip_message& message, std::vector<std::size_t>& changed) {
  if (!message.call_id.starts_with(call_id_prefix_))
    return;
  const auto call = static_cast<std::size_t>(std::stoul(message.call_id.substr(call_id_prefix_.size())));
  if (call >= calls_.size())
    return;
  if (message.status == 0)
    on_request(call, message, changed);
  else if (message.cseq_method == "INVITE")
    on_invite_answer(call, message, changed);
  else if (message.cseq_method == "BYE" && message.status >= 200 &&
           calls_[call].phase == call_phase::ending) {
    calls_[call].phase = call_phase::ended;
    changed.push_back(call);
  }
}

void sip_caller::on_request(std::size_t call, const sip_message& message, std::vector<std::size_t>& changed) {
  if (message.method == "ACK")
    return;
  const bool bye = message.method == "BYE";
  send(fmt::format(
      "SIP/2.0 {}\r\n{}From: {}\r\nTo: {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\nContent-Length: 0\r\n\r\n",
      bye ? "200 OK" : "501 Not Implemented", message.vias, message.from, message.to, message.call_id,
      message.cseq, message.cseq_method));
  auto& phase = calls_[call].phase;
  if (bye && phase == call_phase::up) {
    phase = call_phase::lost;
    changed.push_back(call);
  }
}

void sip_caller::on_invite_answer(std::size_t call, const sip_message& message,
                                  std::vector<std::size_t>& changed) {
  auto& placed = calls_[call];
  if (message.status < 200) {
    dialogs_[call].open.provisional = true;
  } else if (message.status < 300) {
    on_accepted(call, message, changed);
  } else {
    dialogs_[call].remote_to = message.to;
    // RFC 3261 section 17.1.1.3: this ACK goes to the request's URI with the INVITE's branch.
    auto ack = write_request(call, "ACK", message.cseq);
    const auto branch = ack.find(call_id_prefix_ + "ACK");
    ack.replace(branch, call_id_prefix_.size() + 3, call_id_prefix_ + "INVITE");
    send(ack);
    if (placed.phase != call_phase::inviting)
      return;
    placed.phase = call_phase::refused;
    placed.status = message.status;
    changed.push_back(call);
  }
}

void sip_caller::on_accepted(std::size_t call, const sip_message& message,
                             std::vector<std::size_t>& changed) {
  auto& placed = calls_[call];
  auto& made = dialogs_[call];
  if (placed.phase != call_phase::inviting) {
    send(made.ack); // the 200 came again: so must the ACK (RFC 3261 section 13.2.2.4)
    return;
  }
  placed.setup_time = clock::now() - made.open.started;
  made.remote_to = message.to;
  made.remote_target = message.contact_uri;
  made.ack = write_request(call, "ACK", message.cseq);
  send(made.ack);
  const auto answer = parse_sdp(message.body);
  placed.phase = answer ? call_phase::up : call_phase::lost;
  placed.answer = answer.value_or(sdp_audio{});
  changed.push_back(call);
}

void sip_caller::send_again(mono_time now, std::vector<std::size_t>& changed) {
  std::erase_if(open_, [this](std::size_t call) { return !is_open(calls_[call].phase); });
  for (const auto call : open_) {
    auto& open = dialogs_[call].open;
    if (now - open.started > give_up_after) {
      calls_[call].phase = call_phase::lost;
      changed.push_back(call);
    } else if (now >= open.next_send && !open.provisional) {
      open.interval = std::min<std::chrono::milliseconds>(open.interval * 2, longest_interval);
      open.next_send = now + open.interval;
      ++calls_[call].retransmissions;
      send(open.request);
    }
  }
}

} // namespace plenary::load
