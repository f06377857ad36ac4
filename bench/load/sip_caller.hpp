#pragma once

#include "bench/load/cadence.hpp"
#include "bench/load/sip_message.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace plenary::load {

/// What a call is placed with.
struct call_request {
  std::string from_user;
  std::string to_user;
  sockaddr_in media{};    ///< where the caller receives
  std::string inline_key; ///< own SRTP key, base64; empty: plain RTP
};

/// How far a call has come.
enum class call_phase : std::uint8_t { inviting, up, ending, ended, refused, lost };

/// One call as its caller sees it.
struct placed_call {
  call_request request;
  call_phase phase = call_phase::inviting;
  sdp_audio answer;                       ///< once up
  std::chrono::nanoseconds setup_time{0}; ///< INVITE to 200
  int status = 0;                         ///< of a refused call
  std::uint32_t retransmissions = 0;
};

/// The callers' signalling: a minimal SIP user agent (RFC 3261) over one UDP socket, used by one thread.
class sip_caller {
public:
  /// Calls go to `server` from a free port of 127.0.0.1. Fails with `network`.
  static result<std::unique_ptr<sip_caller>> make(const sockaddr_in& server);
  ~sip_caller();
  sip_caller(const sip_caller&) = delete;
  sip_caller& operator=(const sip_caller&) = delete;

  /// Sends an INVITE; the call's index counts from 0.
  std::size_t place(call_request request);

  /// Sends BYE on a call that is up.
  void hang_up(std::size_t call);

  /// Handles what arrives within `wait`, and sends again what was not answered. Returns the calls whose phase
  /// changed.
  std::vector<std::size_t> poll(std::chrono::milliseconds wait);

  const std::vector<placed_call>& calls() const { return calls_; }
  const sockaddr_in& local_address() const { return local_; }

private:
  struct transaction {
    std::string request;
    mono_time started;
    mono_time next_send;
    std::chrono::milliseconds interval{500}; // T1, RFC 3261 section 17.1.1.1
    bool provisional = false;
  };
  struct dialog {
    transaction open;
    std::string remote_to;
    std::string remote_target;
    std::string ack;
  };

  sip_caller(int socket, const sockaddr_in& server, const sockaddr_in& local);
  void send(const std::string& text);
  void start(std::size_t call, std::string request);
  std::string write_request(std::size_t call, const char* method, std::uint32_t cseq) const;
  void on_message(const sip_message& message, std::vector<std::size_t>& changed);
  void on_request(std::size_t call, const sip_message& message, std::vector<std::size_t>& changed);
  void on_invite_answer(std::size_t call, const sip_message& message, std::vector<std::size_t>& changed);
  void on_accepted(std::size_t call, const sip_message& message, std::vector<std::size_t>& changed);
  void send_again(mono_time now, std::vector<std::size_t>& changed);

  int socket_;
  sockaddr_in server_;
  sockaddr_in local_;
  std::string call_id_prefix_;
  std::vector<placed_call> calls_;
  std::vector<dialog> dialogs_;
  std::vector<std::size_t> open_; // calls with a transaction that waits for its answer
};

} // namespace plenary::load
