#include "actors/room/story.hpp"

#include "actors/edge/customer_book.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/room/room_events.hpp"
#include "schema/participation_json.hpp"

#include <nlohmann/json.hpp>

#include <utility>

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

room_story::room_story(room_key key, std::uint64_t epoch, const node_edges& edges)
    : key_(std::move(key))
    , epoch_(epoch)
    , edges_(&edges) {}

void room_story::opened(open_reason reason) {
  edges_->log->info("room_created", {{"room", key_.name},
                                     {"customer", key_.customer.value},
                                     {"epoch", static_cast<std::int64_t>(epoch_)},
                                     {"reason", to_string(reason)}});
  if (reason == open_reason::first_join)
    tell_subscribers("room.started", nullptr);
  if (reason == open_reason::owner_drained)
    tell_subscribers("room.moved", {{"reason", to_string(reason)}});
}

void room_story::joined(const call_id& call, const participation& how) {
  edges_->log->info("participant_joined", {{"call", call.value}, {"room", key_.name}, {"muted", how.muted}});
  nlohmann::json who{{"call_id", call.value}};
  add_participation(who, how);
  tell_subscribers("participant.joined", who);
}

void room_story::left(const call_id& call, leave_reason reason, bool told) {
  edges_->log->info("participant_left",
                    {{"call", call.value}, {"room", key_.name}, {"reason", text_of(reason)}});
  if (told)
    tell_subscribers("participant.left", {{"call_id", call.value}, {"reason", text_of(reason)}});
}

void room_story::controlled(const call_id& call) const {
  edges_->log->info("participant_controlled", {{"call", call.value}, {"room", key_.name}});
}

void room_story::stream_change_failed(const call_id& call, const error& why) const {
  edges_->log->error("stream_change_failed", {{"call", call.value}, {"reason", why.message}});
}

void room_story::recovered(std::chrono::nanoseconds gap) {
  auto gap_ms = std::chrono::duration_cast<std::chrono::milliseconds>(gap).count();
  edges_->meters->observe(histogram::recovery_gap, std::chrono::duration<double>(gap).count());
  edges_->log->info("room_recovered", {{"room", key_.name},
                                       {"epoch", static_cast<std::int64_t>(epoch_)},
                                       {"gap_ms", static_cast<std::int64_t>(gap_ms)}});
  tell_subscribers("room.recovered", {{"gap_ms", gap_ms}});
}

void room_story::vacated(const node_name& to) const {
  edges_->log->info("room_vacated",
                    {{"room", key_.name}, {"epoch", static_cast<std::int64_t>(epoch_)}, {"to", to.value}});
}

void room_story::merged(const node_name& from) {
  edges_->log->info(
      "room_merged",
      {{"room", key_.name}, {"epoch", static_cast<std::int64_t>(epoch_)}, {"from", from.value}});
  tell_subscribers("room.merged", {{"from", from.value}});
}

void room_story::paused() const {
  edges_->log->warning("mixing_paused", {{"room", key_.name}});
}

void room_story::resumed() const {
  edges_->log->info("mixing_resumed", {{"room", key_.name}});
}

void room_story::mixed(std::optional<mix_segment> stretch) const {
  if (stretch)
    edges_->log->info("room_mixed", {{"room", key_.name},
                                     {"customer", key_.customer.value},
                                     {"epoch", static_cast<std::int64_t>(epoch_)},
                                     {"first_ns", static_cast<std::int64_t>(stretch->first.count())},
                                     {"last_ns", static_cast<std::int64_t>(stretch->last.count())}});
}

void room_story::closed(bool told) {
  edges_->log->info("room_closed", {{"room", key_.name}, {"customer", key_.customer.value}});
  if (told)
    tell_subscribers("room.ended", nullptr);
}

void room_story::tell_subscribers(std::string_view event, const nlohmann::json& data) {
  if (edges_->customers == nullptr)
    return;
  room_event what{key_, edges_->node, epoch_, std::string{event}, ++told_, data};
  auto batch = room_events_for(edges_->customers->now()->applications, what, edges_->wall_clock());
  if (batch.events.empty())
    return;
  edges_->store->commit(std::move(batch), [log = edges_->log, name = what.name](const result<void>& stored) {
    if (!stored)
      log->error("room_event_lost", {{"event", name}, {"reason", stored.error().message}});
  });
}

} // namespace plenary
