#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/sip/admission.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/refusal_log.hpp"
#include "node/sip/strangers.hpp"
#include "node/sip/stream_framer.hpp"
#include "node/sip/timers.hpp"
#include "node/sip/wire_text.hpp"

#include <functional>
#include <memory>
#include <unordered_map>
#include <vector>

namespace plenary::sip_layer {

/// Stands between the sockets and libre on the stack's thread. Judges the source first: who belongs to no
/// trunk gets silence, or with `answer_strangers` one short answer within a budget, never longer than what
/// was sent. A trunk's messages are checked and written anew before libre reads them; what is wrong is
/// answered here. Connections are accepted from trunks only, within limits of number and time.
class wire_gate {
public:
  /// Guards what libre opens on this thread from now on.
  wire_gate(const sip_settings& settings, const admission& judge, telemetry& counters, logger& log,
            refusal_log& refused);
  ~wire_gate();
  wire_gate(const wire_gate&) = delete;
  wire_gate& operator=(const wire_gate&) = delete;

  /// A UDP socket that libre opened.
  void guard(udp_sock* socket);
  /// UDP sockets that are guarded: as many as were opened.
  std::size_t guarded_sockets() const { return sockets_.size(); }
  /// A connection that libre accepted; false: it is to be closed at once.
  bool guard_accepted(tcp_conn* connection);
  /// A connection that libre makes.
  void guard_made(tcp_conn* connection, const sa& peer);
  /// The limits of connections stand in the settings anew.
  void take_limits();
  /// libre closes this descriptor.
  void forget(int descriptor);

private:
  using answer_sender = std::function<void(const std::string&, std::uint16_t port)>;

  struct guarded_socket {
    wire_gate* gate = nullptr;
    udp_sock* socket = nullptr;
  };
  struct guarded_connection {
    wire_gate* gate = nullptr;
    tcp_conn* connection = nullptr;
    sa peer{};
    bool incoming = true;
    stream_framer framer;
  };

  static bool on_datagram(sa* source, mbuf* bytes, void* socket);
  static bool on_departure(int* error, sa* target, mbuf* bytes, void* socket);
  static bool on_stream(int* error, mbuf* bytes, bool* established, void* connection);
  static bool on_stream_departure(int* error, mbuf* bytes, void* connection);

  bool take_datagram(const sa& source, mbuf* bytes, udp_sock* socket);
  bool take_stream(guarded_connection& from, mbuf* bytes, int& error);
  void take_stranger(const sa& source, std::string_view bytes, udp_sock* socket);
  std::optional<std::string> pass(std::string_view bytes, const sa& source, const answer_sender& answer);
  void refuse(const wire_message& message, const message_refusal& why, const sa& source,
              const answer_sender& answer);
  void watch(tcp_conn* connection, const sa& peer, bool incoming);
  bool admit_connection(const ip_address& peer, const sa& address);
  void sweep();
  bool keep_spare();
  void yield_spare_when_exhausted();

  const sip_settings& settings_;
  const admission& judge_;
  telemetry& counters_;
  logger& log_;
  refusal_log& refused_;
  stranger_budget budget_;
  connection_count connections_;
  token_bucket connection_lines_;
  std::vector<std::unique_ptr<guarded_socket>> sockets_;
  std::unordered_map<int, std::unique_ptr<guarded_connection>> streams_;
  stack_timer sweeper_;
  int spare_ = -1; ///< descriptor held for want of others
};

/// Which gate libre's sockets on this thread belong to from now on; null: none (wire_hooks.cpp).
void set_gate_of_thread(wire_gate* gate);

} // namespace plenary::sip_layer
