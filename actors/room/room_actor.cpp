#include "actors/room/room_actor.hpp"

#include "actors/edge/mixing_permit.hpp"
#include "actors/edge/telemetry.hpp"

#include <fmt/format.h>

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
  root_.with = {settings_.mixer.max_participants, settings_.empty_patience,
                settings_.reason == open_reason::owner_lost};
  root_.members = roster{settings_.mixer.noise_suppression};
  gate_ = mixing_gate{settings_.never_twice};
  members_ = std::make_unique<room_members>(settings_.mixer);
  story_.emplace(settings_.key, settings_.epoch, edges);
  self->set_down_handler([this](const caf::down_msg& down) { on_leg_down(down.source); });
  ticks_ = edges.ticks->subscribe(
      [target = caf::actor_cast<room_actor>(self)](mono_time due, std::uint64_t number) {
        caf::anon_send(target, mix_tick{due, number});
      });
  edges.meters->count(counter::rooms_created);
  edges.meters->add(gauge::rooms_active, 1);
  story_->opened(settings_.reason);
  hear(room_root::opened{opened_at_});
}

// -- who is in, and what becomes of the room ----------------------------------------------------------------

std::vector<room_root::effect> room_state::advance(const room_root::event& what) {
  auto [next, effects] = room_root::step(std::move(root_), what);
  root_ = std::move(next);
  return std::move(effects);
}

void room_state::hear(const room_root::event& what) {
  for (const auto& each : advance(what))
    std::visit([this](const auto& one) { perform(one); }, each);
}

result<room_joined> room_state::on_join(const join_room& message) {
  const auto number = admit(message);
  edges_->meters->count(number ? counter::room_joins : counter::room_joins_refused);
  if (!number)
    return tl::unexpected<error>(number.error());
  hear(room_root::entered{message.call, {*number, message.how, edges_->wall_clock()}});
  return room_joined{edges_->node, settings_.epoch};
}

/// Takes the stream in, if the root lets the caller in; gives the caller's number.
result<std::uint32_t> room_state::admit(const join_room& message) {
  const auto* known = members_->leg_of(message.call);
  for (const auto& each : advance(room_root::asks{message.call, known != nullptr && *known == message.leg})) {
    if (const auto* no = std::get_if<room_root::refuse>(&each))
      return tl::unexpected<error>(no->why);
    if (const auto* yes = std::get_if<room_root::take_in>(&each)) {
      if (auto added = members_->add(message, yes->number); !added)
        return tl::unexpected<error>(added.error());
      self_->monitor(message.leg);
      return yes->number;
    }
    std::visit([this](const auto& one) { perform(one); }, each);
  }
  return fail(errc::conference_unavailable, "the room has ended");
}

/// False when the call is not in, or when a newer leg of it has taken the place of the one that speaks.
bool room_state::speaks_for(const call_id& call) const {
  const auto* leg = members_->leg_of(call);
  const auto& sender = self_->current_sender();
  return leg != nullptr && (!sender || (*leg)->address() == sender->address());
}

void room_state::on_leave(const leave_room& message) {
  if (speaks_for(message.call))
    hear(room_root::left{message.call, leave_reason::requested});
}

result<void> room_state::on_control(const control_participant& message) {
  const auto* who = root_.members.find(message.call);
  if (who == nullptr)
    return fail(errc::not_found,
                fmt::format("no call \"{}\" in room \"{}\"", message.call.value, settings_.key.name));
  story_->controlled(message.call);
  const auto* what = std::get_if<participation_change>(&message.what);
  if (what == nullptr) {
    hear(room_root::left{message.call, leave_reason::kicked});
    return {};
  }
  auto next = who->how;
  apply(*what, next);
  auto changed = members_->change(message.call, next);
  if (changed)
    hear(room_root::changed{message.call, *what});
  return changed;
}

void room_state::on_vacate(const vacate_room& message) {
  story_->vacated(message.to.owner);
  hear(room_root::vacate{message.to, self_->clock().now()});
}

void room_state::on_half_joins(const half_joins& message) {
  story_->merged(message.from);
}

void room_state::on_leg_down(const caf::actor_addr& source) {
  if (const auto call = members_->call_of(source))
    hear(room_root::left{*call, leave_reason::requested});
}

void room_state::perform(const room_root::tell_joined& what) {
  edges_->meters->add(gauge::participants, 1);
  story_->joined(what.call, what.how);
}

void room_state::perform(const room_root::tell_recovered&) {
  story_->recovered(settings_.lost_for + (self_->clock().now() - opened_at_));
}

void room_state::perform(const room_root::tell_changed& what) {
  self_->send(*members_->leg_of(what.call), participation_changed{what.what});
}

void room_state::perform(const room_root::release& what) {
  const auto leg = members_->remove(what.call);
  self_->demonitor(leg->address());
  self_->send(leg, removed_from_room{what.reason});
  edges_->meters->add(gauge::participants, -1);
  story_->left(what.call, what.reason, what.told);
}

void room_state::perform(const room_root::count& what) {
  self_->send(settings_.directory, room_counted{settings_.key, settings_.epoch, what.callers});
}

void room_state::perform(const room_root::relocate_all& what) {
  for (const auto& leg : members_->legs())
    if (leg)
      self_->send(leg, relocate{what.to});
}

void room_state::perform(const room_root::start_timer& what) {
  self_->delayed_send(self_, what.after, room_timeout{});
}

void room_state::perform(const room_root::close& what) {
  ticks_.reset();
  story_->mixed(mixed_.stop());
  self_->send(settings_.directory, room_emptied{settings_.key, settings_.epoch});
  edges_->meters->count(counter::rooms_closed);
  edges_->meters->add(gauge::rooms_active, -1);
  story_->closed(what.told);
  // A join that is on its way bounces; by then the directory has heard that the name is free.
  self_->quit();
}

// -- sound --------------------------------------------------------------------------------------------------

bool room_state::on_change_stream(const change_stream& message) {
  if (!speaks_for(message.call))
    return false;
  if (auto changed = members_->change(message.call, std::exchange(*message.change, {})); !changed)
    story_->stream_change_failed(message.call, changed.error());
  return true;
}

void room_state::on_mix_tick(const mix_tick& tick) {
  const auto started = std::chrono::steady_clock::now();
  const auto lateness = started - tick.due;
  edges_->meters->observe(histogram::tick_lateness, seconds(lateness));
  edges_->meters->count(counter::mix_ticks);
  if (!may_mix(started))
    return;
  if (lateness > tick_period) {
    edges_->meters->count(counter::mix_ticks_missed);
    return;
  }
  if (settings_.tick_log)
    story_->mixed(mixed_.mixed(boot_clock_now()));
  mix(tick);
  edges_->meters->observe(histogram::mix_duration, seconds(std::chrono::steady_clock::now() - started));
  report_streams(tick.number);
}

bool room_state::may_mix(mono_time now) {
  const bool permitted = edges_->permit == nullptr || edges_->permit->holds(now);
  switch (gate_.tick(permitted, root_.moved_to.has_value())) {
  case mixing_gate::verdict::mix:
    return true;
  case mixing_gate::verdict::resume:
    story_->resumed();
    members_->stage().flush();
    return true;
  case mixing_gate::verdict::pause:
    edges_->meters->count(counter::mixing_pauses);
    story_->paused();
    story_->mixed(mixed_.stop());
    return false;
  case mixing_gate::verdict::rest:
    break;
  }
  return false;
}

void room_state::mix(const mix_tick& tick) {
  auto& stage = members_->stage();
  const auto report = stage.tick(tick.due, tick.number);
  edges_->media->transmit(stage.batch());
  edges_->meters->count(counter::frames_decoded, report.decoded);
  edges_->meters->count(counter::frames_concealed, report.concealed);
  edges_->meters->count(counter::frames_encoded, report.encoded);
}

/// A stream's figures go to its leg whenever a report by RTCP is due.
void room_state::report_streams(std::uint64_t tick) {
  for (const auto& each : members_->stage().figures_due(tick))
    self_->send(members_->leg_at(each.slot), stream_report{each.sent, each.received});
}

room_snapshot room_state::on_describe() const {
  room_snapshot snapshot{settings_.key, edges_->node, settings_.epoch, settings_.created_at, {}};
  snapshot.participants.reserve(root_.members.size());
  for (const auto& [call, who] : root_.members.participants()) {
    const auto loudness = members_->loudness_of(call);
    const auto level = loudness.speech ? std::optional{loudness.speech->value} : std::nullopt;
    snapshot.participants.push_back(
        {call, who.how, members_->is_speaking(call), who.joined_at, level, loudness.gain_db});
  }
  snapshot.noise_suppression = root_.members.suppresses_noise();
  return snapshot;
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
