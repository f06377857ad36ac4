// What a room tells: lines of the log, measurements, and events for the applications that asked for them.

#include "actors/edge/customer_book.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/room/room_actor.hpp"
#include "actors/room/room_events.hpp"
#include "schema/participation_json.hpp"

namespace plenary {

namespace {

/// Why a caller is no longer in a room, as events say it.
std::string_view text_of(leave_reason reason) {
  switch (reason) {
  case leave_reason::requested:
    return "left";
  case leave_reason::kicked:
    return "kicked";
  case leave_reason::room_ended:
    return "room_ended";
  case leave_reason::room_lost:
    break;
  }
  return "room_lost";
}

} // namespace

/// A room that lost its owner is told of when its callers are back.
void room_state::tell_opened() {
  edges_->log->info("room_created", {{"room", settings_.key.name},
                                     {"customer", settings_.key.customer.value},
                                     {"epoch", static_cast<std::int64_t>(settings_.epoch)},
                                     {"reason", to_string(settings_.reason)}});
  if (settings_.reason == open_reason::first_join)
    tell_subscribers("room.started");
  if (settings_.reason == open_reason::owner_drained)
    tell_subscribers("room.moved", {{"reason", to_string(settings_.reason)}});
}

void room_state::tell_joined(const join_room& message) {
  edges_->log->info(
      "participant_joined",
      {{"call", message.call.value}, {"room", settings_.key.name}, {"muted", message.how.muted}});
  nlohmann::json who{{"call_id", message.call.value}};
  add_participation(who, message.how);
  tell_subscribers("participant.joined", std::move(who));
}

/// Who leaves a room that lives elsewhere has moved there.
void room_state::tell_left(const call_id& call, leave_reason reason) {
  edges_->log->info("participant_left",
                    {{"call", call.value}, {"room", settings_.key.name}, {"reason", text_of(reason)}});
  if (!moved_to_)
    tell_subscribers("participant.left", {{"call_id", call.value}, {"reason", text_of(reason)}});
}

void room_state::tell_recovered() {
  auto gap = settings_.lost_for + (self_->clock().now() - opened_at_);
  auto gap_ms = std::chrono::duration_cast<std::chrono::milliseconds>(gap).count();
  edges_->meters->observe(histogram::recovery_gap, std::chrono::duration<double>(gap).count());
  edges_->log->info("room_recovered", {{"room", settings_.key.name},
                                       {"epoch", static_cast<std::int64_t>(settings_.epoch)},
                                       {"gap_ms", static_cast<std::int64_t>(gap_ms)}});
  tell_subscribers("room.recovered", {{"gap_ms", gap_ms}});
}

void room_state::tell_merged(const node_name& from) {
  edges_->log->info("room_merged", {{"room", settings_.key.name},
                                    {"epoch", static_cast<std::int64_t>(settings_.epoch)},
                                    {"from", from.value}});
  tell_subscribers("room.merged", {{"from", from.value}});
}

void room_state::tell_closed() {
  edges_->log->info("room_closed",
                    {{"room", settings_.key.name}, {"customer", settings_.key.customer.value}});
  if (!moved_to_)
    tell_subscribers("room.ended");
}

void room_state::tell_subscribers(std::string_view event, nlohmann::json data) {
  if (edges_->customers == nullptr)
    return;
  room_event what{settings_.key, edges_->node, settings_.epoch, std::string{event}, ++told_, std::move(data)};
  auto batch = room_events_for(edges_->customers->now()->applications, what, edges_->wall_clock());
  if (batch.events.empty())
    return;
  edges_->store->commit(std::move(batch), [log = edges_->log, name = what.name](const result<void>& stored) {
    if (!stored)
      log->error("room_event_lost", {{"event", name}, {"reason", stored.error().message}});
  });
}

} // namespace plenary
