#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/signalling.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/sip/admission.hpp"
#include "node/sip/call_table.hpp"
#include "node/sip/mailbox.hpp"
#include "node/sip/message_checks.hpp"
#include "node/sip/refusal_log.hpp"
#include "node/sip/session.hpp"

#include <atomic>
#include <optional>
#include <unordered_map>

namespace plenary::sip_layer {

/// What the edge's own threads and the stack's thread share.
struct edge_state {
  mailbox commands;
  std::atomic<std::size_t> active_calls{0};
  std::atomic<bool> draining{false};
  sa packet_source{}; ///< of the message that is being handled; the stack's thread alone uses it
};

/// Who hears of calls, what is counted and what is logged.
struct edge_observers {
  signalling_listener& listener;
  telemetry& counters;
  logger& log;
};

/// Sends every message to its session, opens sessions for INVITEs that pass admission, and answers the
/// rest without keeping anything of it. Lives on the stack's thread.
class dispatcher {
public:
  /// What is referred to outlives it.
  dispatcher(::sip* stack, const sip_settings& settings, const admission& gate, edge_observers observers,
             edge_state& state, refusal_log& refused);

  void on_request(const sip_msg& request);
  /// True when the answer was the repetition of one to an INVITE of ours.
  bool on_stray_response(const sip_msg& response);

  session* find(const call_id& id) const { return calls_.find(id); }
  /// Refuses an INVITE that became a call; nothing when it is gone or answered.
  void reject(const call_id& id, const rejection& why);
  /// The limits of calls stand in the settings anew.
  void take_limits() { limits_.replace(settings_.limits); }
  /// Ends every call; nothing is told.
  void shut_down();

private:
  void on_invite(const sip_msg& invite);
  void open(const sip_msg& invite, const admitted_call& call, const timer_agreement& timer);
  void on_dialog_request(const sip_msg& request);
  void refuse_foreign(const sip_msg& request) const;
  void respond(const sip_msg& request, const message_refusal& answer) const;
  void refuse_invite(const sip_msg& invite, const message_refusal& why, counter counted);
  void refuse_for_now(const sip_msg& invite, counter counted);
  std::optional<counter> reason_to_wait() const;
  message_refusal try_later() const;
  void refuse_for_limit(const sip_msg& invite, const reached_limit& why);
  bool can_store() const { return !settings_.can_store || settings_.can_store(); }
  void note_refusal(const ip_address& source, const refused_invite& what, counter counted);
  void answer_options(const sip_msg& request) const;
  void count_calls();

  ::sip* stack_;
  const sip_settings& settings_;
  const admission& gate_;
  edge_observers observers_;
  edge_state& state_;
  call_id_source ids_;
  session_environment environment_;
  refusal_log& refused_;
  struct caller_place {
    ip_address ip;
    std::string address;
    std::string number;
  };
  std::unordered_map<call_id, caller_place> callers_; ///< of the calls in the table
  call_table calls_;
  call_limits limits_;
};

} // namespace plenary::sip_layer
