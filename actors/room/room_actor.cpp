#include "actors/room/room_actor.hpp"

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"

#include <algorithm>

namespace plenary {

namespace {

/// A stream's figures go to its leg this often, in ticks: 5 s, the RTCP interval (RFC 3550 section 6.2).
constexpr std::uint64_t report_interval = 250;

double seconds(std::chrono::steady_clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

} // namespace

void room_state::start(self_pointer self, room_settings settings, const node_edges& edges) {
  self_ = self;
  settings_ = std::move(settings);
  edges_ = &edges;
  created_at_ = edges.wall_clock();
  mixer_ = std::make_unique<audio::mixer>(settings_.mixer);
  self->set_down_handler([this](const caf::down_msg& down) { on_leg_down(down.source); });
  ticks_ = edges.ticks->subscribe(
      [target = caf::actor_cast<room_actor>(self)](mono_time due, std::uint64_t number) {
        caf::anon_send(target, mix_tick{due, number});
      });
  edges.meters->count(counter::rooms_created);
  edges.meters->add(gauge::rooms_active, 1);
  edges.log->info("room_created", {{"room", settings_.key.name}, {"customer", settings_.key.customer.value}});
}

result<room_joined> room_state::on_join(const join_room& message) {
  auto joined = admit(message);
  edges_->meters->count(joined ? counter::room_joins : counter::room_joins_refused);
  if (joined) {
    edges_->meters->add(gauge::participants, 1);
    edges_->log->info("participant_joined",
                      {{"call", message.call.value}, {"room", settings_.key.name}, {"muted", message.muted}});
  }
  return joined;
}

result<room_joined> room_state::admit(const join_room& message) {
  if (roster_.find(message.call) != nullptr)
    return fail(errc::conference_unavailable, "the call is in this room already");
  if (roster_.size() >= settings_.mixer.max_participants)
    return fail(errc::limit_reached,
                fmt::format("the room holds room.max_participants = {} callers", roster_.size()));
  auto slot = mixer_->add(io_of(*message.stream, message.muted));
  if (!slot)
    return tl::unexpected<error>(slot.error());
  message.stream->receive->flush();
  message.stream->send->attach(&batch_);
  roster_.add(message.call, {.slot = *slot,
                             .muted = message.muted,
                             .end_on_exit = message.end_on_exit,
                             .joined_at = edges_->wall_clock()});
  members_[message.call] = {message.leg, message.stream};
  self_->monitor(message.leg);
  reserve_batch();
  return room_joined{edges_->node, settings_.epoch};
}

void room_state::on_leave(const leave_room& message) {
  depart(message.call, leave_reason::requested);
}

void room_state::depart(const call_id& call, leave_reason reason) {
  auto what = roster_.remove(call);
  if (!what.left)
    return;
  release(call, what.left->slot, reason);
  if (what.ends_room)
    for (const auto& other : roster_.calls())
      release(other, roster_.remove(other).left->slot, leave_reason::room_ended);
  if (what.empties_room)
    close();
}

void room_state::release(const call_id& call, audio::participant_slot slot, leave_reason reason) {
  auto found = members_.find(call);
  PLENARY_ASSERT(found != members_.end());
  mixer_->remove(slot);
  auto& [leg, stream] = found->second;
  stream->send->attach(nullptr);
  self_->demonitor(leg->address());
  self_->send(leg, removed_from_room{reason});
  members_.erase(found);
  edges_->meters->add(gauge::participants, -1);
  edges_->log->info("participant_left", {{"call", call.value}, {"room", settings_.key.name}});
}

void room_state::close() {
  ticks_.reset();
  self_->send(settings_.directory, room_emptied{settings_.key, settings_.epoch});
  edges_->meters->count(counter::rooms_closed);
  edges_->meters->add(gauge::rooms_active, -1);
  edges_->log->info("room_closed",
                    {{"room", settings_.key.name}, {"customer", settings_.key.customer.value}});
  // A join that is on its way bounces; by then the directory has heard that the name is free.
  self_->quit();
}

void room_state::on_change_stream(const change_stream& message) {
  const auto* who = roster_.find(message.call);
  if (who == nullptr)
    return;
  auto& stream = *members_.at(message.call).stream;
  // A replaced stream lives until the mixer has let go of it.
  auto previous = message.change->receive ? std::move(stream.receive) : nullptr;
  apply(std::move(*message.change), stream);
  auto updated = mixer_->update(who->slot, io_of(stream, who->muted));
  if (!updated)
    edges_->log->error("stream_change_failed",
                       {{"call", message.call.value}, {"reason", updated.error().message}});
  reserve_batch();
}

void room_state::on_mix_tick(const mix_tick& tick) {
  auto started = std::chrono::steady_clock::now();
  auto lateness = started - tick.due;
  edges_->meters->observe(histogram::tick_lateness, seconds(lateness));
  edges_->meters->count(counter::mix_ticks);
  if (lateness > tick_period) {
    edges_->meters->count(counter::mix_ticks_missed);
    return;
  }
  auto report = mixer_->tick(tick.due, tick.number);
  edges_->media->transmit(batch_);
  edges_->meters->observe(histogram::mix_duration, seconds(std::chrono::steady_clock::now() - started));
  edges_->meters->count(counter::frames_decoded, report.decoded);
  edges_->meters->count(counter::frames_concealed, report.concealed);
  edges_->meters->count(counter::frames_encoded, report.encoded);
  if (tick.number % report_interval == 0)
    report_streams();
}

void room_state::report_streams() const {
  for (const auto& [call, one] : members_)
    self_->send(one.leg, stream_report{one.stream->send->statistics(), one.stream->receive->statistics()});
}

room_snapshot room_state::on_describe() const {
  room_snapshot snapshot{settings_.key, edges_->node, settings_.epoch, created_at_, {}};
  snapshot.participants.reserve(roster_.size());
  for (const auto& [call, who] : roster_.participants())
    snapshot.participants.push_back(
        {call, who.muted, who.end_on_exit, mixer_->is_speaking(who.slot), who.joined_at});
  return snapshot;
}

void room_state::reserve_batch() {
  auto protected_streams = std::count_if(members_.begin(), members_.end(), [](const auto& entry) {
    return entry.second.stream->send->is_protected();
  });
  batch_.reserve(members_.size(), static_cast<std::size_t>(protected_streams));
}

void room_state::on_leg_down(const caf::actor_addr& source) {
  auto found = std::find_if(members_.begin(), members_.end(),
                            [&source](const auto& entry) { return entry.second.leg->address() == source; });
  if (found != members_.end())
    depart(call_id{found->first}, leave_reason::requested);
}

audio::participant_io room_state::io_of(const leg_stream& stream, bool muted) {
  return {.source = stream.can_speak ? stream.receive.get() : nullptr,
          .sink = stream.can_hear ? stream.send.get() : nullptr,
          .format = stream.format,
          .muted = muted};
}

room_actor::behavior_type room(room_state::self_pointer self, room_settings settings,
                               const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(settings), *edges);
  return {
      [&state](const join_room& message) { return state.on_join(message); },
      [&state](const leave_room& message) { state.on_leave(message); },
      [&state](const change_stream& message) { state.on_change_stream(message); },
      [&state](const mix_tick& tick) { state.on_mix_tick(tick); },
      [&state](const describe_room&) { return state.on_describe(); },
  };
}

} // namespace plenary
