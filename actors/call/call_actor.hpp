#pragma once

#include "actors/call/call_machine.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/edge/http_client.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"
#include "actors/webhook/signature.hpp"
#include "actors/webhook/webhook_protocol.hpp"

#include <memory>
#include <optional>

namespace plenary {

/// From the store's thread: the commit of that number ended.
struct commit_ended {
  std::uint64_t number = 0;
  result<void> stored;
};

/// The commit of that number has taken too long to make a caller wait for it.
struct commit_overdue {
  std::uint64_t number = 0;
};

/// From the HTTP client's thread: the customer answered.
struct fetch_ended {
  std::uint32_t number = 0;
  mono_time sent_at{};
  result<http_response> answer;
};

/// The call as its own messages see it.
using call_interface = call_actor::extend<caf::reacts_to<commit_ended>, caf::reacts_to<commit_overdue>,
                                          caf::reacts_to<fetch_ended>>;

/// What a call is started with.
struct call_settings {
  incoming_invite invite;
  std::shared_ptr<const application> owner; ///< the application that the number belongs to
  directory_actor directory;
  webhook_pool_actor webhooks;
};

/// A call's memory: the pure machine, and the handles that carry out what it decides.
class call_state {
public:
  using self_pointer = call_interface::stateful_pointer<call_state>;

  void start(self_pointer self, call_settings settings, const node_edges& edges);

  void on_signalled(const signalled& message);
  void on_left_room(const left_room& message);
  void on_media_timed_out(const media_timed_out& message);
  void on_room_moves(const room_moves& message);
  void on_participant_changed(const participant_changed& message);
  void on_leg_ended(const leg_ended& message);
  void on_digit(const digit_received& message);
  void on_end(const end_call& message);
  void on_commit_ended(const commit_ended& message);
  void on_commit_overdue(const commit_overdue& message);
  void on_fetch_ended(const fetch_ended& message);
  const call_record& record() const { return machine_.record; }

private:
  void feed(const call_machine::event& what);

  void perform(const call_machine::commit& what);
  void perform(const call_machine::ring& what);
  void perform(const call_machine::fetch& what);
  void perform(const call_machine::place_leg& what);
  void perform(const call_machine::complete_leg& what);
  void perform(const call_machine::accept& what);
  void perform(const call_machine::reject& what);
  void perform(const call_machine::join& what);
  void perform(const call_machine::leave& what);
  void perform(const call_machine::hang_up& what);
  void perform(const call_machine::close_leg& what);
  void perform(const call_machine::warn_ignored& what);
  void perform(const call_machine::source_failed& what);
  void perform(const call_machine::finish& what);

  http_request signed_request(const flow::fetch& what) const;
  void open_leg_at(const leg_location& where);
  void enter(const call_machine::join& what, const peer::room_place& place);
  void leg_failed(const std::string& why);
  void on_offer(const offer_received& offer);
  void on_late_answer(const offer_answered& answered);
  void refuse_offer(const error& why);
  void count_end() const;

  self_pointer self_ = nullptr;
  call_settings settings_;
  const node_edges* edges_ = nullptr;
  call_machine::state machine_;
  std::optional<webhook_signer> signer_;
  leg_actor leg_; ///< null before place_leg was answered and after close_leg
  std::uint64_t commits_ = 0;
  mono_time started_at_{};
};

/// A machine's commit as the store takes it; without events when the application has no webhook.
commit_batch batch_of(const call_machine::commit& what, const application& owner, wall_time now);

/// The call actor; ends when its machine has finished.
call_interface::behavior_type call(call_state::self_pointer self, call_settings settings,
                                   const node_edges* edges);

} // namespace plenary

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::commit_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::commit_overdue)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::fetch_ended)
