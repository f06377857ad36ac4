#include "actors/webhook/webhook_pool_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/webhook/webhook_worker_actor.hpp"
#include "schema/shown_url.hpp"

#include <algorithm>

namespace plenary {

namespace {

using kind = delivery_outcome::kind;

void set_outbox_gauges(const node_edges& edges, const outbox_depth& depth) {
  edges.meters->set(gauge::outbox_pending, static_cast<double>(depth.pending));
  std::chrono::duration<double> age{0};
  if (depth.oldest)
    age = edges.wall_clock() - *depth.oldest;
  edges.meters->set(gauge::outbox_oldest_age_seconds, std::max(age.count(), 0.0));
}

} // namespace

void webhook_pool_state::start(self_pointer self, const webhook_settings& settings, const node_edges* edges) {
  self_ = self;
  edges_ = edges;
  settings_ = settings;
  auto pool = caf::actor_cast<webhook_pool_interface>(self);
  // Linked: a failed worker ends the pool, whose supervisor starts both anew; leases then end by themselves.
  for (std::size_t i = 0; i < std::max<std::size_t>(settings.workers, 1); ++i)
    workers_.push_back(self->spawn<caf::linked>(webhook_worker, pool, settings.seed + i, edges));
  on_tick();
  on_measure();
}

void webhook_pool_state::follow_customers() {
  if (edges_->customers == nullptr)
    return;
  auto now = edges_->customers->now();
  if (now == followed_)
    return;
  for (const auto& [id, configured] : now->applications) {
    const auto before = followed_ ? find_application(*followed_, id) : nullptr;
    if (!before || before->webhook_url != configured->webhook_url ||
        before->webhook_secret != configured->webhook_secret ||
        before->second_webhook_secret != configured->second_webhook_secret)
      serve(*configured);
  }
  followed_ = std::move(now);
}

/// Null, with a word in the log, when its secret is none: never send unsigned what the receiver would verify.
std::shared_ptr<const delivery_target> webhook_pool_state::target_of(const application& configured) const {
  delivery_target target{configured.webhook_url, std::nullopt, settings_.timeout};
  if (!configured.webhook_secret.empty()) {
    auto signer = webhook_signer::create(configured.webhook_secret, configured.second_webhook_secret);
    if (!signer) {
      edges_->log->error("webhook_secret_invalid", {{"application", std::string_view{configured.id.value}},
                                                    {"reason", std::string_view{signer.error().message}}});
      return nullptr;
    }
    target.signer = std::move(*signer);
  }
  return std::make_shared<const delivery_target>(std::move(target));
}

/// What is on its way keeps the target that it left with.
void webhook_pool_state::serve(const application& configured) {
  if (configured.webhook_url.empty())
    return; // its calls make no events; those of before still go where they were meant to
  auto target = target_of(configured);
  if (!target)
    return; // the events wait in the outbox
  const auto& worker = workers_[std::hash<application_id>{}(configured.id) % workers_.size()];
  const auto [place, is_new] = endpoints_.try_emplace(
      configured.id, served_endpoint{target, worker, endpoint_lane{settings_.max_in_flight}});
  if (is_new)
    return;
  auto& endpoint = place->second;
  endpoint.disabled = endpoint.disabled && endpoint.target->url == target->url;
  endpoint.target = std::move(target);
}

void webhook_pool_state::take_turn() {
  if (claiming_) {
    again_ = true;
    return;
  }
  settle_outcomes();
  follow_customers();
  read_clocks();
  auto wanted = stopping_.empty() ? shares() : std::vector<claim_share>{};
  if (wanted.empty())
    return;
  claiming_ = true;
  auto self = caf::actor_cast<webhook_pool_interface>(self_);
  edges_->store->claim(std::move(wanted), store_now_, settings_.lease,
                       [self](auto events) { caf::anon_send(self, events_claimed{std::move(events)}); });
}

/// Other nodes plan in a shared store too, by their own clocks: there only the wall clock counts.
void webhook_pool_state::read_clocks() {
  const auto wall = edges_->wall_clock();
  now_ = clock_.at(wall, edges_->mono_clock());
  store_now_ = edges_->store->shared() ? wall : now_;
}

std::vector<claim_share> webhook_pool_state::shares() const {
  std::vector<claim_share> wanted;
  for (const auto& [application, endpoint] : endpoints_)
    if (auto room = endpoint.disabled ? settings_.max_in_flight : endpoint.lane.room(now_); room > 0)
      wanted.push_back({application, room});
  return wanted;
}

void webhook_pool_state::settle_outcomes() {
  if (outcomes_.empty())
    return;
  ++settling_;
  auto self = caf::actor_cast<webhook_pool_interface>(self_);
  edges_->store->settle(std::exchange(outcomes_, {}),
                        [self](const result<void>&) { caf::anon_send(self, outcomes_settled{}); });
}

void webhook_pool_state::on_claimed(const events_claimed& message) {
  claiming_ = false;
  read_clocks();
  if (message.events)
    for (const auto& event : *message.events)
      dispatch(event);
  if (std::exchange(again_, false) || !outcomes_.empty())
    take_turn();
  end_when_stopped();
}

void webhook_pool_state::dispatch(const due_event& event) {
  auto& endpoint = endpoints_.at(event.event.application);
  if (endpoint.disabled) {
    constexpr std::string_view reason = "the endpoint answered HTTP 410 before";
    outcomes_.push_back({event.event.id, kind::dead_letter, {}, std::string{reason}});
    return log_dead_letter(event, reason);
  }
  if (!stopping_.empty() || endpoint.lane.room(now_) == 0) { // changed while the claim was under way
    const auto rest = std::max(wall_time::duration{0}, endpoint.lane.rests_until() - now_);
    outcomes_.push_back({event.event.id, kind::postponed, store_now_ + rest, ""});
    return;
  }
  endpoint.lane.begin();
  self_->send(endpoint.worker, deliver_event{event, endpoint.target});
}

void webhook_pool_state::on_attempt_ended(const attempt_ended& message) {
  auto& endpoint = endpoints_.at(message.attempt.event.application);
  const auto& outcome = message.verdict.outcome;
  read_clocks();
  endpoint.lane.end(outcome.what == kind::acknowledged, now_);
  endpoint.disabled = endpoint.disabled || message.verdict.disable_endpoint;
  outcomes_.push_back(outcome);
  if (outcome.what == kind::retry)
    outcomes_.back().next_attempt += store_now_ - message.judged_at;
  count_verdict(message);
  take_turn();
  end_when_stopped();
}

/// Where an application's events go, as a log line may show it.
std::string webhook_pool_state::endpoint_of(const application_id& application) const {
  const auto found = endpoints_.find(application);
  return found == endpoints_.end() ? std::string{} : shown_origin(found->second.target->url);
}

void webhook_pool_state::count_verdict(const attempt_ended& message) {
  const auto& event = message.attempt.event;
  const auto& outcome = message.verdict.outcome;
  if (outcome.what == kind::acknowledged)
    return edges_->meters->count(counter::webhook_deliveries_acknowledged);
  edges_->meters->count(counter::webhook_deliveries_failed);
  const auto endpoint = endpoint_of(event.application);
  edges_->log->warning("webhook_failed", {{"call", std::string_view{event.call.value}},
                                          {"event_id", std::string_view{event.id}},
                                          {"name", std::string_view{event.name}},
                                          {"application", std::string_view{event.application.value}},
                                          {"endpoint", std::string_view{endpoint}},
                                          {"attempt", std::int64_t{message.attempt.attempts} + 1},
                                          {"reason", std::string_view{outcome.reason}}});
  if (outcome.what == kind::dead_letter)
    log_dead_letter(message.attempt, outcome.reason);
}

void webhook_pool_state::log_dead_letter(const due_event& attempt, std::string_view reason) {
  edges_->meters->count(counter::webhook_dead_letters);
  const auto endpoint = endpoint_of(attempt.event.application);
  edges_->log->error("webhook_dead_letter",
                     {{"call", std::string_view{attempt.event.call.value}},
                      {"event_id", std::string_view{attempt.event.id}},
                      {"name", std::string_view{attempt.event.name}},
                      {"application", std::string_view{attempt.event.application.value}},
                      {"endpoint", std::string_view{endpoint}},
                      {"reason", reason}});
}

void webhook_pool_state::on_settled() {
  --settling_;
  end_when_stopped();
}

void webhook_pool_state::on_tick() {
  take_turn();
  self_->delayed_send(self_, settings_.poll_interval, webhook_tick{});
}

void webhook_pool_state::on_measure() {
  edges_->store->depth([edges = edges_](const result<outbox_depth>& depth) {
    if (depth)
      set_outbox_gauges(*edges, *depth);
  });
  self_->delayed_send(self_, settings_.measure_interval, measure_tick{});
}

caf::typed_response_promise<webhooks_stopped> webhook_pool_state::on_stop(const stop_webhooks& message) {
  auto promise = self_->make_response_promise<webhooks_stopped>();
  stopping_.push_back(promise);
  self_->delayed_send(self_, message.deadline, stop_timeout{});
  end_when_stopped();
  return promise;
}

bool webhook_pool_state::idle() const {
  return !claiming_ && settling_ == 0 && outcomes_.empty() &&
         std::all_of(endpoints_.begin(), endpoints_.end(),
                     [](const auto& entry) { return entry.second.lane.in_flight() == 0; });
}

void webhook_pool_state::end_when_stopped() {
  if (!stopping_.empty() && idle())
    end();
}

void webhook_pool_state::end() {
  std::size_t in_flight = 0;
  for (const auto& [application, endpoint] : endpoints_)
    in_flight += endpoint.lane.in_flight();
  for (auto& promise : std::exchange(stopping_, {}))
    promise.deliver(webhooks_stopped{in_flight});
  for (const auto& worker : workers_)
    self_->send_exit(worker, caf::exit_reason::user_shutdown);
  self_->quit();
}

webhook_pool_interface::behavior_type webhook_pool(webhook_pool_state::self_pointer self,
                                                   webhook_settings settings, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, settings, edges);
  return {
      [&state](outbox_grew) { state.take_turn(); },
      [&state](const stop_webhooks& message) { return state.on_stop(message); },
      [&state](const attempt_ended& message) { state.on_attempt_ended(message); },
      [&state](const events_claimed& message) { state.on_claimed(message); },
      [&state](outcomes_settled) { state.on_settled(); },
      [&state](webhook_tick) { state.on_tick(); },
      [&state](measure_tick) { state.on_measure(); },
      [&state](stop_timeout) { state.end(); },
  };
}

} // namespace plenary
