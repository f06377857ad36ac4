#include "actors/room/room_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/mixing_permit.hpp"
#include "actors/edge/telemetry.hpp"

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

void room_state::start(self_pointer self, room_settings settings, const node_edges& edges) {
  self_ = self;
  settings_ = std::move(settings);
  edges_ = &edges;
  if (settings_.created_at == wall_time{})
    settings_.created_at = edges.wall_clock();
  opened_at_ = self->clock().now();
  mixer_ = std::make_unique<audio::mixer>(settings_.mixer);
  self->set_down_handler([this](const caf::down_msg& down) { on_leg_down(down.source); });
  ticks_ = edges.ticks->subscribe(
      [target = caf::actor_cast<room_actor>(self)](mono_time due, std::uint64_t number) {
        caf::anon_send(target, mix_tick{due, number});
      });
  edges.meters->count(counter::rooms_created);
  edges.meters->add(gauge::rooms_active, 1);
  tell_opened();
  start_timeout();
}

// -- who is in ----------------------------------------------------------------------------------------------

result<room_joined> room_state::on_join(const join_room& message) {
  auto joined = admit(message);
  edges_->meters->count(joined ? counter::room_joins : counter::room_joins_refused);
  if (joined) {
    edges_->meters->add(gauge::participants, 1);
    tell_joined(message);
    if (!std::exchange(had_callers_, true) && settings_.reason == open_reason::owner_lost)
      tell_recovered();
    count_callers();
  }
  return joined;
}

result<room_joined> room_state::admit(const join_room& message) {
  if (moved_to_)
    return fail(errc::moved, fmt::format("the room lives on {} now", moved_to_->owner.value));
  if (auto free = make_way(message); !free)
    return tl::unexpected<error>(free.error());
  if (roster_.size() >= settings_.mixer.max_participants)
    return fail(errc::limit_reached,
                fmt::format("the room holds room.max_participants = {} callers", roster_.size()));
  auto slot = mixer_->add(io_of(*message.stream, message.how));
  if (!slot)
    return tl::unexpected<error>(slot.error());
  message.stream->receive->flush();
  message.stream->send->attach(&batch_);
  roster_.add(message.call, {.slot = *slot, .how = message.how, .joined_at = edges_->wall_clock()});
  members_[message.call] = {message.leg, message.stream};
  self_->monitor(message.leg);
  reserve_batch();
  return room_joined{edges_->node, settings_.epoch};
}

/// A newer leg of a call takes the place of an older one that has not noticed its end yet.
result<void> room_state::make_way(const join_room& message) {
  const auto* who = roster_.find(message.call);
  if (who == nullptr)
    return {};
  if (members_.at(message.call).leg == message.leg)
    return fail(errc::conference_unavailable, "the call is in this room already");
  release(message.call, roster_.remove(message.call).left->slot, leave_reason::requested);
  return {};
}

void room_state::on_leave(const leave_room& message) {
  auto found = members_.find(message.call);
  if (found != members_.end() && !is_outdated(found->second))
    depart(message.call, leave_reason::requested);
}

/// A newer leg of the call has taken the place of the one that speaks.
bool room_state::is_outdated(const member& who) const {
  const auto& sender = self_->current_sender();
  return sender && who.leg->address() != sender->address();
}

/// Who leaves a room that has moved has moved too: `end_on_exit` counts at the new place only.
void room_state::depart(const call_id& call, leave_reason reason) {
  auto what = roster_.remove(call);
  if (!what.left)
    return;
  release(call, what.left->slot, reason);
  if (what.ends_room && !moved_to_)
    release_all(leave_reason::room_ended);
  if (roster_.size() == 0)
    return close();
  count_callers();
}

void room_state::release_all(leave_reason reason) {
  for (const auto& each : roster_.calls())
    release(each, roster_.remove(each).left->slot, reason);
}

void room_state::release(const call_id& call, audio::participant_slot slot, leave_reason reason) {
  auto found = members_.find(call);
  PLENARY_ASSERT(found != members_.end());
  mixer_->remove(slot);
  auto& [leg, stream, reports] = found->second;
  stream->send->attach(nullptr);
  self_->demonitor(leg->address());
  self_->send(leg, removed_from_room{reason});
  members_.erase(found);
  edges_->meters->add(gauge::participants, -1);
  tell_left(call, reason);
}

void room_state::count_callers() {
  self_->send(settings_.directory, room_counted{settings_.key, settings_.epoch, roster_.size()});
}

void room_state::close() {
  ticks_.reset();
  log_mixed(mixed_.stop());
  self_->send(settings_.directory, room_emptied{settings_.key, settings_.epoch});
  edges_->meters->count(counter::rooms_closed);
  edges_->meters->add(gauge::rooms_active, -1);
  tell_closed();
  // A join that is on its way bounces; by then the directory has heard that the name is free.
  self_->quit();
}

result<void> room_state::on_control(const control_participant& message) {
  if (roster_.find(message.call) == nullptr)
    return fail(errc::not_found,
                fmt::format("no call \"{}\" in room \"{}\"", message.call.value, settings_.key.name));
  edges_->log->info("participant_controlled", {{"call", message.call.value}, {"room", settings_.key.name}});
  if (const auto* what = std::get_if<participation_change>(&message.what))
    return change(message.call, *what);
  depart(call_id{message.call}, leave_reason::kicked);
  return {};
}

result<void> room_state::change(const call_id& call, participation_change what) {
  auto next = roster_.find(call)->how;
  apply(what, next);
  if (auto updated = update_mixer(call, next); !updated)
    return updated;
  roster_.change(call, what);
  what.muted = roster_.find(call)->how.muted;
  self_->send(members_.at(call).leg, participation_changed{std::move(what)});
  return {};
}

void room_state::on_end() {
  release_all(leave_reason::room_ended);
  close();
}

// -- moving elsewhere ---------------------------------------------------------------------------------------

void room_state::on_vacate(const vacate_room& message) {
  bool first = !moved_to_;
  moved_to_ = message.to;
  edges_->log->info("room_vacated", {{"room", settings_.key.name},
                                     {"epoch", static_cast<std::int64_t>(settings_.epoch)},
                                     {"to", message.to.owner.value}});
  if (roster_.size() == 0)
    return close();
  for (const auto& [call, one] : members_)
    self_->send(one.leg, relocate{message.to});
  if (first)
    start_timeout();
}

void room_state::on_half_joins(const half_joins& message) {
  tell_merged(message.from);
}

void room_state::start_timeout() {
  timeout_at_ = self_->clock().now() + settings_.empty_patience;
  self_->delayed_send(self_, settings_.empty_patience, room_timeout{});
}

void room_state::on_timeout() {
  if (self_->clock().now() < timeout_at_)
    return; // a later deadline is in force
  if (!moved_to_ && had_callers_)
    return;
  release_all(leave_reason::room_lost);
  close();
}

// -- mixing -------------------------------------------------------------------------------------------------

bool room_state::on_change_stream(const change_stream& message) {
  auto found = members_.find(message.call);
  if (found == members_.end() || is_outdated(found->second))
    return false;
  auto& stream = *found->second.stream;
  // A replaced stream lives until the mixer has let go of it.
  auto previous = message.change->receive ? std::move(stream.receive) : nullptr;
  apply(std::exchange(*message.change, {}), stream);
  if (auto updated = update_mixer(message.call, roster_.find(message.call)->how); !updated)
    edges_->log->error("stream_change_failed",
                       {{"call", message.call.value}, {"reason", updated.error().message}});
  reserve_batch();
  return true;
}

result<void> room_state::update_mixer(const call_id& call, const participation& how) {
  return mixer_->update(roster_.find(call)->slot, io_of(*members_.at(call).stream, how));
}

void room_state::on_mix_tick(const mix_tick& tick) {
  auto started = std::chrono::steady_clock::now();
  auto lateness = started - tick.due;
  edges_->meters->observe(histogram::tick_lateness, seconds(lateness));
  edges_->meters->count(counter::mix_ticks);
  if (!may_mix(started))
    return;
  if (lateness > tick_period) {
    edges_->meters->count(counter::mix_ticks_missed);
    return;
  }
  if (settings_.tick_log)
    log_mixed(mixed_.mixed(boot_clock_now()));
  auto report = mixer_->tick(tick.due, tick.number);
  edges_->media->transmit(batch_);
  edges_->meters->observe(histogram::mix_duration, seconds(std::chrono::steady_clock::now() - started));
  edges_->meters->count(counter::frames_decoded, report.decoded);
  edges_->meters->count(counter::frames_concealed, report.concealed);
  edges_->meters->count(counter::frames_encoded, report.encoded);
  report_streams(tick.number);
}

/// Without the permit another node may be mixing this room: silence, and nothing old afterwards. Who learns
/// in that silence that it does, stays silent.
bool room_state::may_mix(mono_time now) {
  bool may = edges_->permit == nullptr || edges_->permit->holds(now);
  may = may && !(moved_to_ && (paused_ || settings_.never_twice));
  if (may && std::exchange(paused_, false)) {
    edges_->log->info("mixing_resumed", {{"room", settings_.key.name}});
    for (const auto& [call, one] : members_)
      one.stream->receive->flush();
  }
  if (!may && !std::exchange(paused_, true)) {
    edges_->meters->count(counter::mixing_pauses);
    edges_->log->warning("mixing_paused", {{"room", settings_.key.name}});
    log_mixed(mixed_.stop());
  }
  return may;
}

void room_state::log_mixed(std::optional<mix_segment> mixed) const {
  if (mixed)
    edges_->log->info("room_mixed", {{"room", settings_.key.name},
                                     {"customer", settings_.key.customer.value},
                                     {"epoch", static_cast<std::int64_t>(settings_.epoch)},
                                     {"first_ns", static_cast<std::int64_t>(mixed->first.count())},
                                     {"last_ns", static_cast<std::int64_t>(mixed->last.count())}});
}

/// A stream's figures go to its leg whenever a report by RTCP is due.
void room_state::report_streams(std::uint64_t tick) {
  const mono_time now{tick * tick_period}; // by the sound, not by the clock
  for (auto& [call, one] : members_) {
    if (!one.reports)
      one.reports.emplace(one.stream->send->statistics().ssrc, now);
    if (one.reports->take(now))
      self_->send(one.leg,
                  stream_report{one.stream->send->statistics_at(tick), one.stream->receive->statistics()});
  }
}

room_snapshot room_state::on_describe() const {
  room_snapshot snapshot{settings_.key, edges_->node, settings_.epoch, settings_.created_at, {}};
  snapshot.participants.reserve(roster_.size());
  for (const auto& [call, who] : roster_.participants()) {
    const auto loudness = mixer_->loudness_of(who.slot);
    const auto level = loudness.speech ? std::optional{loudness.speech->value} : std::nullopt;
    snapshot.participants.push_back(
        {call, who.how, mixer_->is_speaking(who.slot), who.joined_at, level, loudness.gain_db});
  }
  return snapshot;
}

void room_state::reserve_batch() {
  std::size_t packets = 0;
  std::size_t protected_packets = 0;
  for (const auto& [call, each] : members_) {
    const auto most = audio::packets_in_a_tick(each.stream->format);
    packets += most;
    protected_packets += each.stream->send->is_protected() ? most : 0;
  }
  batch_.reserve(packets, protected_packets);
}

void room_state::on_leg_down(const caf::actor_addr& source) {
  auto found = std::find_if(members_.begin(), members_.end(),
                            [&source](const auto& entry) { return entry.second.leg->address() == source; });
  if (found != members_.end())
    depart(call_id{found->first}, leave_reason::requested);
}

audio::participant_io room_state::io_of(const audio::duplex_stream& stream, const participation& how) {
  return {.source = stream.can_speak ? stream.receive.get() : nullptr,
          .sink = stream.can_hear ? stream.send.get() : nullptr,
          .format = stream.format,
          .muted = how.muted,
          .level = how.level,
          .hears = audio::ear_of(how)};
}

room_actor::behavior_type room(room_state::self_pointer self, room_settings settings,
                               const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(settings), *edges);
  return {
      [&state](const join_room& message) { return state.on_join(message); },
      [&state](const leave_room& message) { state.on_leave(message); },
      [&state](const change_stream& message) { return state.on_change_stream(message); },
      [&state](const mix_tick& tick) { state.on_mix_tick(tick); },
      [&state](const describe_room&) { return state.on_describe(); },
      [&state](const control_participant& message) { return state.on_control(message); },
      [&state](const end_room&) { state.on_end(); },
      [&state](const vacate_room& message) { state.on_vacate(message); },
      [&state](const half_joins& message) { state.on_half_joins(message); },
      [&state](const room_timeout&) { state.on_timeout(); },
  };
}

} // namespace plenary
