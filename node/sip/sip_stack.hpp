#pragma once

#include "node/sip/dispatcher.hpp"
#include "node/sip/tls_files.hpp"
#include "node/sip/wire_gate.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace plenary::sip_layer {

/// libre's side of the edge: transports, listeners, the polling loop. Made, used and destroyed on one
/// thread.
class sip_stack {
public:
  /// Opens every address; fails with `network` (address in use), `malformed` (TLS files) or `internal`.
  static result<std::unique_ptr<sip_stack>> open(const sip_settings& settings, edge_observers observers,
                                                 edge_state& state);
  ~sip_stack();
  sip_stack(const sip_stack&) = delete;
  sip_stack& operator=(const sip_stack&) = delete;

  /// What is listened on, ports filled in; in the order of the settings.
  const std::vector<sip_address>& addresses() const { return addresses_; }

  dispatcher& calls() { return *dispatcher_; }

  /// Takes trunks, numbers and limits from the settings anew, which were checked, and another certificate
  /// when there is one; from a command only.
  void reload(std::shared_ptr<ssl_ctx_st> certificate);

  /// Polls until `leave`.
  void run();
  /// Ends `run`; from a command only.
  void leave();

private:
  sip_stack(const sip_settings& settings, edge_observers observers, edge_state& state);

  result<void> prepare();
  result<void> listen(const sip_address& address);
  result<sip_address> bound(const sip_address& asked) const;

  static void on_trace(bool sent, sip_transp, const sa* source, const sa*, const std::uint8_t*, std::size_t,
                       void* self);
  static bool on_request(const sip_msg* request, void* self);
  static bool on_response(const sip_msg* response, void* self);
  static void on_mailbox(int, void* self);

  const sip_settings& settings_;
  edge_observers observers_;
  edge_state& state_;
  refusal_log refused_;
  certificate_holder certificate_; ///< outlives the connections that ask it
  std::optional<admission> admission_;
  std::unique_ptr<wire_gate> gate_; ///< outlives the sockets that it guards
  re_ptr<::sip> stack_;
  std::unique_ptr<dispatcher> dispatcher_;
  sip_lsnr* request_listener_ = nullptr;
  sip_lsnr* response_listener_ = nullptr;
  std::vector<sip_address> addresses_;
  std::size_t udp_sockets_ = 0;
};

} // namespace plenary::sip_layer
