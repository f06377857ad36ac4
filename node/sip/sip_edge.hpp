#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/signalling.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/sip/sip_settings.hpp"
#include "schema/result.hpp"

#include <memory>
#include <string>
#include <thread>
#include <vector>

struct ssl_ctx_st;

namespace plenary {

namespace sip_layer {
struct edge_state;
class session;
class sip_stack;
} // namespace sip_layer

/// Settings that a running edge can take.
struct sip_reload {
  sip_settings settings;
  std::shared_ptr<ssl_ctx_st> certificate; ///< null: nothing listens with TLS
};

/// Callers over SIP: UDP, TCP and TLS. One thread of its own runs the stack and tells the listener.
class sip_edge final : public signalling {
public:
  /// Listens when it returns. Fails with `network` (an address is taken), `malformed` (settings, TLS files)
  /// or `internal`. The references must outlive the edge.
  static result<std::unique_ptr<sip_edge>> start(sip_settings settings, signalling_listener& listener,
                                                 telemetry& counters, logger& log);
  /// Stops.
  ~sip_edge() override;

  /// What is listened on, in the order of the settings, ports filled in.
  const std::vector<sip_address>& addresses() const { return addresses_; }

  /// What `reload` would fail of: `malformed` (trunks, numbers, TLS files). Changes nothing; else what
  /// `reload` needs.
  result<sip_reload> check(sip_settings settings) const;

  /// From now on trunks, numbers, limits and the certificate are these; what is listened on and the node
  /// stay. Running calls go on: see known_trunk. Returns when it holds.
  void reload(sip_reload checked);

  /// From now on new INVITEs get 503 with Retry-After, or are taken again; calls go on. Safe from every
  /// thread.
  void drain(bool on = true);

  /// Ends unanswered calls with 503 and answered ones with BYE, tells nothing of it, and waits for the
  /// thread. The second call does nothing.
  void stop();

  /// Calls from INVITE to the end of their dialog. Safe from every thread.
  std::size_t active_calls() const;

  void ring(const call_id& id) override;
  void accept(const call_id& id, std::string sdp) override;
  void reject(const call_id& id, rejection why) override;
  void answer_offer(const call_id& id, std::string sdp) override;
  void refuse_offer(const call_id& id, rejection why) override;
  void send_offer(const call_id& id, std::string sdp) override;
  void hang_up(const call_id& id, hangup_cause cause) override;

private:
  explicit sip_edge(sip_settings settings);

  template <class Command>
  void post(const call_id& id, Command command);

  sip_settings settings_;
  std::unique_ptr<sip_layer::edge_state> state_;
  sip_layer::sip_stack* stack_ = nullptr; ///< owned by the thread
  std::vector<sip_address> addresses_;
  std::thread thread_;
};

} // namespace plenary
