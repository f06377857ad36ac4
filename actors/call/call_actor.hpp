#pragma once

#include "actors/call/call_machine.hpp"
#include "actors/call/media_path.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/edge/http_client.hpp"
#include "actors/edge/node_edges.hpp"
#include "actors/protocol.hpp"
#include "actors/webhook/signature.hpp"
#include "actors/webhook/webhook_protocol.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <variant>

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
  std::optional<result<flow::document>> read{}; ///< what the answer's body says, where it is a document
};

/// A wait before another attempt is over.
struct fetch_due {
  flow::fetch what;
};

/// The call as its own messages see it.
using call_interface =
    call_actor::extend<caf::reacts_to<commit_ended>, caf::reacts_to<commit_overdue>,
                       caf::reacts_to<fetch_ended>, caf::reacts_to<fetch_due>,
                       caf::reacts_to<media_path::waited>, caf::reacts_to<media_path::patience_over>>;

/// What a call is started with.
struct call_settings {
  incoming_invite invite;
  std::shared_ptr<const application> owner; ///< the application that the number belongs to
  directory_actor directory;
  webhook_pool_actor webhooks;
};

/// A call's memory: its two pure machines, and the handles that carry out what they decide.
class call_state {
public:
  using self_pointer = call_interface::stateful_pointer<call_state>;

  void start(self_pointer self, call_settings settings, const node_edges& edges);

  void on_signalled(const signalled& message);
  void on_told(const leg_told& message);
  void on_end(const end_call& message);
  void on_commit_ended(const commit_ended& message);
  void on_commit_overdue(const commit_overdue& message);
  void on_fetch_ended(const fetch_ended& message);
  void on_fetch_due(const fetch_due& message);
  void on_timer(media_path::event what) { steer(std::move(what)); }
  const call_record& record() const { return machine_.story.record; }

private:
  void feed(call_machine::event what);
  void steer(media_path::event what);
  void run();
  wall_time now() const;
  void step(const call_machine::event& what);
  void step(const media_path::event& what);

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

  void perform(const media_path::locate& what);
  void perform(const media_path::make_leg& what);
  void perform(const media_path::send_offer& what);
  void perform(const media_path::complete_leg& what);
  void perform(const media_path::enter& what);
  void perform(const media_path::exit_leg& what);
  void perform(const media_path::close_leg& what);
  void perform(const media_path::renegotiate_leg& what);
  void perform(const media_path::answer_offer& what);
  void perform(const media_path::refuse_offer& what);
  void perform(const media_path::wait& what);
  void perform(const media_path::start_patience& what);
  void perform(const media_path::tell& what);
  void perform(const media_path::move_started& what);
  void perform(const media_path::move_ended& what);

  http_request signed_request(const flow::fetch& what) const;
  std::optional<webhook_signer> current_signer() const;
  void open_leg_at(std::uint32_t number, const leg_location& where, std::optional<sdp_session> continuing);
  void hear(std::uint32_t leg, const report::left_room& what);
  void hear(std::uint32_t leg, const report::media_timed_out& what);
  void hear(std::uint32_t leg, const report::digit_pressed& what);
  void hear(std::uint32_t leg, const report::room_moves& what);
  void hear(std::uint32_t leg, const report::participant_changed& what);
  void hear(std::uint32_t leg, const report::ended& what);
  template <class Order, class Then>
  void ask_leg(std::uint32_t number, Order what, std::chrono::seconds deadline, Then then);
  void on_our_offer_answered(const offer_answered& answered);
  void on_confirmed();
  void count_end() const;

  self_pointer self_ = nullptr;
  call_settings settings_;
  const node_edges* edges_ = nullptr;
  call_machine::state machine_;
  media_path::state media_;
  std::map<std::uint32_t, leg_actor> legs_; ///< by number; one, or two while the media moves
  std::deque<std::variant<call_machine::event, media_path::event>> events_; ///< that wait for their step
  bool running_ = false;
  bool confirmed_ = false; ///< the ACK came
  std::uint64_t commits_ = 0;
  mono_time started_at_{};
  mono_time clock_started_{}; ///< when the record says that the call was created
  mono_time move_started_at_{};
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::fetch_due)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_path::waited)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(plenary::media_path::patience_over)
