// libre opens and closes its sockets by itself. The definitions below take the place of its own, as those in
// timers.cpp do, and tell the thread's gate.
#include "node/sip/wire_gate.hpp"

#include <dlfcn.h>

#include <cerrno>

using plenary::sip_layer::wire_gate;

namespace {

thread_local wire_gate* gate_of_thread = nullptr;

/// What libre itself asks for is 5: a burst of callers would wait a second for its second SYN.
constexpr int waiting_connections = 512;

/// The definition that the linker would have taken without ours.
template <class Function>
Function* next_definition(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

} // namespace

namespace plenary::sip_layer {

void set_gate_of_thread(wire_gate* gate) {
  gate_of_thread = gate;
}

} // namespace plenary::sip_layer

extern "C" {

int udp_listen(struct udp_sock** socket, const struct sa* local, udp_recv_h* handler, void* arg) {
  static auto* const next = next_definition<decltype(udp_listen)>("udp_listen");
  const int error = next(socket, local, handler, arg);
  if (auto* gate = gate_of_thread; gate != nullptr && error == 0)
    gate->guard(*socket);
  return error;
}

int tcp_sock_listen(struct tcp_sock* socket, int) {
  static auto* const next = next_definition<decltype(tcp_sock_listen)>("tcp_sock_listen");
  return next(socket, waiting_connections);
}

int tcp_accept(struct tcp_conn** connection, struct tcp_sock* socket, tcp_estab_h* established,
               tcp_recv_h* received, tcp_close_h* closed, void* arg) {
  static auto* const next = next_definition<decltype(tcp_accept)>("tcp_accept");
  const int error = next(connection, socket, established, received, closed, arg);
  if (auto* gate = gate_of_thread; gate != nullptr && error == 0 && !gate->guard_accepted(*connection)) {
    *connection = static_cast<tcp_conn*>(mem_deref(*connection));
    return ECONNREFUSED;
  }
  return error;
}

int tcp_connect(struct tcp_conn** connection, const struct sa* peer, tcp_estab_h* established,
                tcp_recv_h* received, tcp_close_h* closed, void* arg) {
  static auto* const next = next_definition<decltype(tcp_connect)>("tcp_connect");
  const int error = next(connection, peer, established, received, closed, arg);
  if (auto* gate = gate_of_thread; gate != nullptr && error == 0)
    gate->guard_made(*connection, *peer);
  return error;
}

void fd_close(int descriptor) {
  static auto* const next = next_definition<decltype(fd_close)>("fd_close");
  if (auto* gate = gate_of_thread)
    gate->forget(descriptor);
  next(descriptor);
}

} // extern "C"
