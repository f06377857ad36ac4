#include "actors/call/call_actor.hpp"

#include "actors/call/answer_request.hpp"
#include "actors/edge/customer_book.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/edge/work_pool.hpp"
#include "actors/webhook/envelope.hpp"
#include "actors/webhook/retry_schedule.hpp"
#include "schema/shown_url.hpp"

#include <fmt/format.h>
#include <openssl/rand.h>

namespace plenary {

namespace {

namespace machine = call_machine;

/// People who talk come before records about them: a store that needs longer than this to make something
/// durable goes on trying while the call goes on.
constexpr std::chrono::seconds commit_patience{1};

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
  record.sip_call_id = invite.sip_call_id;
  record.caller = invite.caller;
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
  clock_started_ = self->clock().now();
  machine_ = machine::state{*settings_.owner, first_record(settings_.invite, edges)};
  media_.invite_has_offer = settings_.invite.offer.has_value();
  self->set_down_handler([this](const caf::down_msg& down) {
    for (const auto& [number, leg] : legs_)
      if (leg->address() == down.source)
        return hear(number, report::ended{});
  });
  edges.meters->count(counter::calls_started);
  edges.log->info("call_started", {{"call", settings_.invite.id.value},
                                   {"from", settings_.invite.from},
                                   {"to", settings_.invite.to},
                                   {"trunk", settings_.invite.trunk},
                                   {"source", settings_.invite.source},
                                   {"customer", settings_.invite.customer.value},
                                   {"application", settings_.invite.application.value},
                                   {"sip_call_id", settings_.invite.sip_call_id}});
  feed(machine::incoming{});
}

void call_state::feed(machine::event what) {
  events_.emplace_back(std::move(what));
  run();
}

void call_state::steer(media_path::event what) {
  events_.emplace_back(std::move(what));
  run();
}

/// One machine's effect may be the other one's event: each step's effects are all done before the next step.
void call_state::run() {
  if (std::exchange(running_, true))
    return;
  while (!events_.empty()) {
    auto what = std::move(events_.front());
    events_.pop_front();
    std::visit([this](const auto& event) { step(event); }, what);
  }
  running_ = false;
}

/// The wall clock as it goes on from the call's start: somebody may set it while the call lasts, which must
/// not be seen in the call's duration nor in the order of its times.
wall_time call_state::now() const {
  const auto passed = self_->clock().now() - clock_started_;
  return machine_.story.record.created_at + std::chrono::duration_cast<wall_time::duration>(passed);
}

void call_state::step(const machine::event& what) {
  const auto at = now();
  auto outcome = machine::step(std::move(machine_), what, at);
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
        else if constexpr (std::is_same_v<T, call_confirmed>) {
          on_confirmed();
          feed(machine::confirmed{event.answer});
        } else if constexpr (std::is_same_v<T, dialog_ended>)
          feed(machine::remote_hangup{event.cause, event.by_caller});
        else if constexpr (std::is_same_v<T, offer_received>)
          steer(media_path::offer_received{event.offer});
        else
          on_our_offer_answered(event);
      },
      message.event);
}

void call_state::on_end(const end_call& message) {
  feed(machine::hangup_requested{message.cause});
}

// -- what the machine wants ---------------------------------------------------------------------------------

void call_state::perform(const machine::commit& what) {
  auto number = ++commits_;
  auto target = caf::actor_cast<call_interface>(self_);
  auto batch = batch_of(what, *settings_.owner, now());
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
  if (message.number != commits_ || machine_.story.committing == machine::story::telling::nothing)
    return;
  edges_->log->error("commit_overdue", {{"call", settings_.invite.id.value}});
  feed(machine::committed{});
}

void call_state::perform(const machine::ring&) {
  edges_->sip->ring(settings_.invite.id);
}

void call_state::perform(const machine::fetch& what) {
  if (what.wait > std::chrono::milliseconds{0})
    self_->delayed_send(self_, what.wait, fetch_due{what});
  else
    on_fetch_due({what});
}

void call_state::on_fetch_due(const fetch_due& message) {
  const auto& what = message.what;
  if (machine_.flow.now != flow::phase::asking || machine_.flow.fetch_number != what.number)
    return; // the call went on without it
  edges_->meters->count(what.kind == flow::fetch_kind::redirect ? counter::redirects_followed
                                                                : counter::answer_url_requests);
  auto target = caf::actor_cast<call_interface>(self_);
  auto sent_at = std::chrono::steady_clock::now();
  edges_->http->send(
      signed_request(what), [target, sent_at, number = what.number, work = edges_->work](auto answer) {
        const auto ended = std::make_shared<fetch_ended>(fetch_ended{number, sent_at, std::move(answer)});
        const bool taken = post_to(work, [target, ended] {
          if (ended->answer && ended->answer->status >= 200 && ended->answer->status <= 299)
            ended->read = flow::parse_document(ended->answer->body);
          caf::anon_send(target, std::move(*ended));
        });
        if (!taken)
          caf::anon_send(target, fetch_ended{number, sent_at,
                                             fail(errc::unavailable, "too many documents wait to be read")});
      });
}

/// By the application's secrets as they are configured now: a call may outlive them.
std::optional<webhook_signer> call_state::current_signer() const {
  auto owner = edges_->customers == nullptr
                   ? nullptr
                   : find_application(*edges_->customers->now(), settings_.owner->id);
  if (!owner)
    owner = settings_.owner;
  auto signer = webhook_signer::create(owner->webhook_secret, owner->second_webhook_secret);
  return signer ? std::optional{std::move(*signer)} : std::nullopt;
}

http_request call_state::signed_request(const flow::fetch& what) const {
  auto asked = make_answer_request(what, machine_.story.record);
  http_request request;
  request.method = std::move(asked.method);
  request.url = std::move(asked.url);
  request.body = std::move(asked.body);
  request.purpose = http_purpose::document;
  request.source = what.kind == flow::fetch_kind::redirect ? url_source::customer : url_source::configuration;
  request.lane = machine_.story.record.customer.value;
  request.call = machine_.story.record.id.value;
  request.connect_timeout = std::min(flow::connect_timeout, what.timeout);
  request.total_timeout = what.timeout;
  request.max_response_bytes = flow::max_document_bytes;
  request.headers = {{"User-Agent", "Plenary/" PLENARY_VERSION}, {"Accept", "application/json"}};
  if (!request.body.empty())
    request.headers.emplace_back("Content-Type", "application/json");
  const auto signer = current_signer();
  if (!signer)
    return request;
  auto id = fmt::format("req_{}_{}", machine_.story.record.id.value, what.number);
  auto timestamp = std::to_string(
      std::chrono::floor<std::chrono::seconds>(edges_->wall_clock()).time_since_epoch().count());
  for (auto& header : signer->headers({id, timestamp, request.body}))
    request.headers.push_back(std::move(header));
  return request;
}

void call_state::on_fetch_ended(const fetch_ended& message) {
  edges_->meters->observe(histogram::answer_url_duration, seconds_since(message.sent_at));
  const auto took =
      message.answer
          ? message.answer->elapsed
          : std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - message.sent_at);
  auto answer = read_http_answer(message.answer, [now = edges_->wall_clock()](std::string_view text) {
    return parse_retry_after(text, now);
  });
  if (answer) {
    answer->read = message.read;
    edges_->log->info("instructions_answered", {{"call", settings_.invite.id.value},
                                                {"asked", to_string(machine_.flow.asking_for)},
                                                {"status", std::int64_t{answer->status}},
                                                {"ms", static_cast<std::int64_t>(took.count())}});
  }
  feed(machine::document_fetched{{message.number, std::move(answer), took}});
}

void call_state::perform(const machine::accept& what) {
  edges_->meters->count(counter::calls_answered);
  edges_->meters->observe(histogram::call_setup_duration, seconds_since(started_at_));
  edges_->log->info("call_answered", {{"call", settings_.invite.id.value}});
  edges_->sip->accept(settings_.invite.id, what.sdp);
  steer(media_path::accepted{});
}

void call_state::perform(const machine::reject& what) {
  edges_->sip->reject(settings_.invite.id, {what.status, what.reason, what.retry_after, what.detail});
}

void call_state::perform(const machine::hang_up& what) {
  edges_->sip->hang_up(settings_.invite.id, what.cause);
}

void call_state::perform(const machine::warn_ignored& what) {
  edges_->meters->count(counter::unknown_action_members, what.members.size());
  for (const auto& member : what.members)
    edges_->log->warning("action_member_ignored", {{"call", settings_.invite.id.value}, {"member", member}});
}

/// A call that is refused for it leaves one warning, that of the refusal.
void call_state::perform(const machine::source_failed& what) {
  edges_->meters->count(counter::answer_url_failures);
  const bool gave_up = machine_.flow.now == flow::phase::ended;
  const bool refused = gave_up && !machine_.story.record.answered_at;
  if (!gave_up)
    edges_->meters->count(counter::answer_url_fallbacks);
  const auto& [kind, url, why] = what;
  const auto shown = shown_url(url);
  edges_->log->write(refused ? log_level::info : log_level::warning, "answer_url_failed",
                     {{"call", settings_.invite.id.value},
                      {"application", settings_.invite.application.value},
                      {"asked", to_string(kind)},
                      {"url", shown},
                      {"code", to_string(why.code)},
                      {"reason", to_string(why.reason)},
                      {"detail", why.detail}});
}

void call_state::perform(const machine::finish&) {
  count_end();
  self_->quit();
}

void call_state::count_end() const {
  const auto& record = machine_.story.record;
  const auto status = record.status;
  edges_->meters->count(status == call_status::completed  ? counter::calls_completed
                        : status == call_status::canceled ? counter::calls_canceled
                                                          : counter::calls_failed);
  // The warning of a call that was not answered is that of its refusal.
  const bool broken = record.answered_at && status == call_status::failed;
  const auto end = record.ended_at.value_or(record.created_at);
  const std::chrono::duration<double> talked = end - record.answered_at.value_or(end);
  edges_->log->write(broken ? log_level::warning : log_level::info, "call_ended",
                     {{"call", settings_.invite.id.value},
                      {"status", to_string(status)},
                      {"cause", record.cause ? std::string_view{record.cause->name} : ""},
                      {"ended_by", record.ended_by ? to_string(*record.ended_by) : ""},
                      {"error", record.error ? to_string(record.error->code) : ""},
                      {"seconds", talked.count()}});
}

commit_batch batch_of(const machine::commit& what, const application& owner, wall_time now) {
  commit_batch batch;
  batch.calls.push_back(what.record);
  for (const auto& told : what.events) {
    if (owner.webhook_url.empty())
      break;
    auto before = what.record;
    before.last_sequence = told.sequence - 1;
    batch.events.push_back(make_event(before, told.name, now, told.data));
  }
  return batch;
}

call_interface::behavior_type call(call_state::self_pointer self, call_settings settings,
                                   const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(settings), *edges);
  return {
      [&state](const signalled& message) { state.on_signalled(message); },
      [&state](const leg_told& message) { state.on_told(message); },
      [&state](const end_call& message) { state.on_end(message); },
      [&state](const describe_call&) { return state.record(); },
      [&state](const commit_ended& message) { state.on_commit_ended(message); },
      [&state](const commit_overdue& message) { state.on_commit_overdue(message); },
      [&state](const fetch_ended& message) { state.on_fetch_ended(message); },
      [&state](const fetch_due& message) { state.on_fetch_due(message); },
      [&state](const media_path::waited& message) { state.on_timer(message); },
      [&state](const media_path::patience_over& message) { state.on_timer(message); },
  };
}

} // namespace plenary
