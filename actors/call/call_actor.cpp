#include "actors/call/call_actor.hpp"

#include "actors/call/answer_request.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/webhook/envelope.hpp"
#include "schema/json.hpp"

#include <openssl/rand.h>

namespace plenary {

namespace {

namespace machine = call_machine;

/// People who talk come before records about them: a store that needs longer than this to make something
/// durable goes on trying while the call goes on.
constexpr std::chrono::seconds commit_patience{1};

/// Longer than a room's own deadline for a join.
constexpr std::chrono::seconds join_patience{12};

/// Placing and opening a leg needs no network beyond the cluster's.
constexpr std::chrono::seconds leg_patience{5};

/// A random UUID (RFC 9562 section 5.4).
std::string make_uuid() {
  std::array<std::uint8_t, 16> bytes{};
  PLENARY_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0FU) | 0x40U);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3FU) | 0x80U);
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10)
      text += '-';
    text += fmt::format("{:02x}", bytes[i]);
  }
  return text;
}

call_record first_record(const incoming_invite& invite, const node_edges& edges) {
  call_record record;
  record.id = invite.id;
  record.customer = invite.customer;
  record.application = invite.application;
  record.provider_call_id = make_uuid();
  record.direction = call_direction::inbound;
  record.from = invite.from;
  record.to = invite.to;
  record.node = edges.node;
  record.created_at = edges.wall_clock();
  return record;
}

double seconds_since(mono_time start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

} // namespace

void call_state::start(self_pointer self, call_settings settings, const node_edges& edges) {
  self_ = self;
  settings_ = std::move(settings);
  edges_ = &edges;
  started_at_ = std::chrono::steady_clock::now();
  machine_ = machine::state{*settings_.owner, first_record(settings_.invite, edges)};
  if (auto signer = webhook_signer::create(settings_.owner->webhook_secret))
    signer_ = std::move(*signer);
  self->set_down_handler([this](const caf::down_msg& down) {
    if (leg_ && down.source == leg_->address())
      leg_failed("the leg's actor failed");
  });
  self->send(settings_.directory, register_call{settings_.invite.id, settings_.invite.customer,
                                                caf::actor_cast<call_actor>(self)});
  edges.meters->count(counter::calls_started);
  edges.log->info("call_started", {{"call", settings_.invite.id.value},
                                   {"from", settings_.invite.from},
                                   {"to", settings_.invite.to},
                                   {"trunk", settings_.invite.trunk}});
  feed(machine::incoming{});
}

void call_state::feed(const machine::event& what) {
  auto outcome = machine::step(std::move(machine_), what, edges_->wall_clock());
  machine_ = std::move(outcome.next);
  for (const auto& effect : outcome.effects)
    std::visit([this](const auto& each) { perform(each); }, effect);
}

// -- what others tell ---------------------------------------------------------------------------------------

void call_state::on_signalled(const signalled& message) {
  std::visit(
      [this](const auto& event) {
        using T = std::decay_t<decltype(event)>;
        if constexpr (std::is_same_v<T, invite_cancelled>)
          feed(machine::cancelled{});
        else if constexpr (std::is_same_v<T, call_confirmed>)
          feed(machine::confirmed{event.answer});
        else if constexpr (std::is_same_v<T, dialog_ended>)
          feed(machine::remote_hangup{event.cause});
        else if constexpr (std::is_same_v<T, offer_received>)
          on_offer(event);
        else
          on_late_answer(event);
      },
      message.event);
}

void call_state::on_offer(const offer_received& offer) {
  if (!leg_)
    return refuse_offer({errc::unavailable, "the call has no media"});
  self_->request(leg_, leg_patience, renegotiate{offer.offer})
      .then(
          [this](const result<described_media>& answer) {
            if (answer)
              edges_->sip->answer_offer(settings_.invite.id, answer->sdp);
            else
              refuse_offer(answer.error());
          },
          [this](const caf::error&) {
            refuse_offer({errc::unavailable, "the leg did not answer"});
          });
}

void call_state::refuse_offer(const error& why) {
  bool theirs = why.code == errc::not_acceptable || why.code == errc::malformed;
  edges_->log->warning("offer_refused", {{"call", settings_.invite.id.value}, {"reason", why.message}});
  edges_->sip->refuse_offer(settings_.invite.id,
                            theirs ? rejection{488, "Not Acceptable Here", std::nullopt}
                                   : rejection{500, "Server Internal Error", std::chrono::seconds{1}});
}

void call_state::on_late_answer(const offer_answered& answered) {
  if (!leg_)
    return;
  if (!answered.answer) {
    edges_->log->warning("offer_failed",
                         {{"call", settings_.invite.id.value}, {"reason", answered.answer.error().message}});
    return; // the session stays as it was (RFC 3261 section 14.1)
  }
  self_->request(leg_, leg_patience, accept_answer{*answered.answer})
      .then(
          [this](const result<void>& taken) {
            if (!taken)
              feed(machine::hangup_requested{"not_acceptable"});
          },
          [this](const caf::error&) { leg_failed("the leg did not answer"); });
}

void call_state::on_left_room(const left_room& message) {
  machine::left_room left;
  if (message.reason == leave_reason::room_lost)
    left.failure = error{errc::conference_unavailable, "conference room was lost"};
  feed(left);
}

void call_state::on_media_timed_out(const media_timed_out&) {
  feed(machine::media_timeout{});
}

void call_state::on_room_moves(const room_moves&) {}
void call_state::on_participant_changed(const participant_changed&) {}
void call_state::on_leg_ended(const leg_ended&) {
  leg_failed("the leg ended");
}

void call_state::on_digit(const digit_received& message) {
  // No action listens for digits yet; the operator sees that they arrive, not which they are.
  (void)message;
  edges_->log->debug("digit_received", {{"call", settings_.invite.id.value}});
}

void call_state::on_end(const end_call& message) {
  feed(machine::hangup_requested{message.cause});
}

// -- what the machine wants ---------------------------------------------------------------------------------

void call_state::perform(const machine::commit& what) {
  auto number = ++commits_;
  auto target = caf::actor_cast<call_interface>(self_);
  auto batch = batch_of(what, *settings_.owner, edges_->wall_clock());
  edges_->store->commit(std::move(batch), [target, number](result<void> stored) {
    caf::anon_send(target, commit_ended{number, std::move(stored)});
  });
  self_->delayed_send(self_, commit_patience, commit_overdue{number});
}

void call_state::on_commit_ended(const commit_ended& message) {
  if (message.stored)
    self_->send(settings_.webhooks, outbox_grew{});
  if (message.number == commits_)
    feed(machine::committed{message.stored});
}

void call_state::on_commit_overdue(const commit_overdue& message) {
  if (message.number != commits_ || !machine_.committing)
    return;
  edges_->log->error("commit_overdue", {{"call", settings_.invite.id.value}});
  feed(machine::committed{});
}

void call_state::perform(const machine::ring&) {
  edges_->sip->ring(settings_.invite.id);
}

void call_state::perform(const machine::fetch& what) {
  edges_->meters->count(what.request.kind == flow::fetch_kind::redirect ? counter::redirects_followed
                                                                        : counter::answer_url_requests);
  auto request = signed_request(what.request);
  auto target = caf::actor_cast<call_interface>(self_);
  auto sent_at = std::chrono::steady_clock::now();
  edges_->http->send(std::move(request), [target, sent_at, number = what.request.number](auto answer) {
    caf::anon_send(target, fetch_ended{number, sent_at, std::move(answer)});
  });
}

http_request call_state::signed_request(const flow::fetch& what) const {
  auto asked = make_answer_request(what, machine_.record);
  http_request request{.method = asked.method, .url = asked.url, .headers = {}, .body = asked.body};
  request.connect_timeout = flow::connect_timeout;
  request.total_timeout = flow::total_timeout;
  request.max_response_bytes = flow::max_document_bytes;
  request.headers = {{"User-Agent", "Plenary/" PLENARY_VERSION}, {"Accept", "application/json"}};
  if (!asked.body.empty())
    request.headers.emplace_back("Content-Type", "application/json");
  if (!signer_)
    return request;
  auto id = fmt::format("req_{}_{}", machine_.record.id.value, what.number);
  auto timestamp = std::to_string(
      std::chrono::floor<std::chrono::seconds>(edges_->wall_clock()).time_since_epoch().count());
  for (auto& header : signer_->headers({id, timestamp, asked.body}))
    request.headers.push_back(std::move(header));
  return request;
}

void call_state::on_fetch_ended(const fetch_ended& message) {
  edges_->meters->observe(histogram::answer_url_duration, seconds_since(message.sent_at));
  flow::fetched fetched{message.number, fail(errc::network, "")};
  if (message.answer)
    fetched.answer = flow::http_answer{message.answer->status, message.answer->body};
  else
    fetched.answer = tl::unexpected<error>(message.answer.error());
  feed(machine::document_fetched{std::move(fetched)});
}

void call_state::perform(const machine::place_leg& what) {
  self_->request(settings_.directory, leg_patience, place_leg{{settings_.invite.id, 1}, what.room})
      .then(
          [this](const result<leg_location>& where) {
            if (where)
              open_leg_at(*where);
            else
              feed(machine::leg_opened{tl::unexpected<error>(where.error())});
          },
          [this](const caf::error&) {
            feed(machine::leg_opened{fail(errc::unavailable, "the directory did not answer")});
          });
}

void call_state::open_leg_at(const leg_location& where) {
  leg_ = where.leg;
  self_->monitor(leg_);
  open_leg message{caf::actor_cast<call_actor>(self_), settings_.invite.offer, settings_.invite.srtp,
                   std::nullopt};
  self_->request(leg_, leg_patience, std::move(message))
      .then(
          [this](const result<described_media>& opened) {
            if (opened)
              return feed(machine::leg_opened{machine::opened_leg{opened->sdp, !settings_.invite.offer}});
            perform(machine::close_leg{});
            feed(machine::leg_opened{tl::unexpected<error>(opened.error())});
          },
          [this](const caf::error&) {
            perform(machine::close_leg{});
            feed(machine::leg_opened{fail(errc::unavailable, "the leg did not answer")});
          });
}

void call_state::leg_failed(const std::string& why) {
  edges_->log->error("leg_failed", {{"call", settings_.invite.id.value}, {"reason", why}});
  leg_ = nullptr;
  feed(machine::hangup_requested{"media_unavailable"});
}

void call_state::perform(const machine::complete_leg& what) {
  self_->request(leg_, leg_patience, accept_answer{what.answer})
      .then([this](const result<void>& taken) { feed(machine::leg_completed{taken}); },
            [this](const caf::error&) {
              feed(machine::leg_completed{fail(errc::unavailable, "the leg did not answer")});
            });
}

void call_state::perform(const machine::accept& what) {
  edges_->meters->count(counter::calls_answered);
  edges_->meters->observe(histogram::call_setup_duration, seconds_since(started_at_));
  edges_->log->info("call_answered", {{"call", settings_.invite.id.value}});
  edges_->sip->accept(settings_.invite.id, what.sdp);
}

void call_state::perform(const machine::reject& what) {
  if (what.status == 488)
    edges_->meters->count(counter::invites_refused_not_acceptable);
  edges_->sip->reject(settings_.invite.id, {what.status, what.reason, what.retry_after});
}

void call_state::perform(const machine::join& what) {
  self_->request(settings_.directory, join_patience, locate_room{what.room})
      .then(
          [this, what](const result<peer::room_place>& place) {
            if (!place)
              return feed(machine::join_failed{place.error()});
            enter(what, *place);
          },
          [this](const caf::error&) {
            feed(machine::join_failed{{errc::conference_unavailable, "the directory did not answer"}});
          });
}

void call_state::enter(const machine::join& what, const peer::room_place& place) {
  self_->request(leg_, join_patience, enter_room{what.room, what.mute, what.end_on_exit, place.epoch})
      .then(
          [this, room = what.room](const result<room_joined>& joined) {
            if (joined)
              feed(machine::room_joined{room});
            else
              feed(machine::join_failed{joined.error()});
          },
          [this](const caf::error&) {
            feed(machine::join_failed{{errc::conference_unavailable, "the leg did not answer"}});
          });
}

void call_state::perform(const machine::leave&) {
  if (leg_)
    self_->send(leg_, exit_room{});
}

void call_state::perform(const machine::hang_up& what) {
  edges_->sip->hang_up(settings_.invite.id, what.cause);
}

void call_state::perform(const machine::close_leg&) {
  if (!leg_)
    return;
  self_->demonitor(leg_->address());
  self_->send(leg_, close_leg{});
  leg_ = nullptr;
}

void call_state::perform(const machine::warn_ignored& what) {
  edges_->meters->count(counter::unknown_action_members, what.members.size());
  for (const auto& member : what.members)
    edges_->log->warning("action_member_ignored", {{"call", settings_.invite.id.value}, {"member", member}});
}

void call_state::perform(const machine::source_failed& what) {
  edges_->meters->count(counter::answer_url_failures);
  edges_->log->warning("answer_url_failed", {{"call", settings_.invite.id.value},
                                             {"code", to_string(what.what.why.code)},
                                             {"reason", what.what.why.message}});
}

void call_state::perform(const machine::finish&) {
  count_end();
  self_->quit();
}

void call_state::count_end() const {
  auto status = machine_.record.status;
  edges_->meters->count(status == call_status::completed  ? counter::calls_completed
                        : status == call_status::canceled ? counter::calls_canceled
                                                          : counter::calls_failed);
  edges_->log->info("call_ended",
                    {{"call", settings_.invite.id.value},
                     {"status", to_string(status)},
                     {"cause", machine_.record.cause ? std::string_view{machine_.record.cause->name} : ""}});
}

commit_batch batch_of(const machine::commit& what, const application& owner, wall_time now) {
  commit_batch batch;
  batch.calls.push_back(what.record);
  for (const auto& told : what.events) {
    if (owner.webhook_url.empty())
      break;
    auto before = what.record;
    before.last_sequence = told.sequence - 1;
    auto data = parse_json(told.data);
    PLENARY_ASSERT(data);
    batch.events.push_back(make_event(before, told.name, now, *data));
  }
  return batch;
}

call_interface::behavior_type call(call_state::self_pointer self, call_settings settings,
                                   const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(settings), *edges);
  return {
      [&state](const signalled& message) { state.on_signalled(message); },
      [&state](const left_room& message) { state.on_left_room(message); },
      [&state](const media_timed_out& message) { state.on_media_timed_out(message); },
      [&state](const room_moves& message) { state.on_room_moves(message); },
      [&state](const participant_changed& message) { state.on_participant_changed(message); },
      [&state](const leg_ended& message) { state.on_leg_ended(message); },
      [&state](const digit_received& message) { state.on_digit(message); },
      [&state](const end_call& message) { state.on_end(message); },
      [&state](const describe_call&) { return state.record(); },
      [&state](const commit_ended& message) { state.on_commit_ended(message); },
      [&state](const commit_overdue& message) { state.on_commit_overdue(message); },
      [&state](const fetch_ended& message) { state.on_fetch_ended(message); },
  };
}

} // namespace plenary
