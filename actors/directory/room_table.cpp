#include "actors/directory/room_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace plenary {

room_table::lesson room_table::learn(const node_name& peer, const peer::rooms_changed& said) {
  lesson learnt;
  if (said.all)
    forget_missing(peer, said.opened);
  for (const auto& room : said.closed) {
    if (auto found = entries_.find(room.key); found != entries_.end())
      forget(found, peer, room.epoch);
  }
  for (const auto& room : said.opened)
    learn_one(peer, room, learnt);
  return learnt;
}

void room_table::learn_one(const node_name& peer, const owned_room& room, lesson& into) {
  auto& known = entries_[room.key];
  if (known.owner == peer && known.epoch == room.epoch)
    return;
  std::erase_if(known.older, [&peer](const claim& each) { return each.owner == peer; });
  if (known.owner && known.owner != peer && room.epoch <= known.epoch) {
    known.older.push_back({peer, room.epoch, room.created_at});
    if (known.owner == self_)
      into.halves.push_back(room.key);
    return;
  }
  if (known.owner == self_) {
    const owned_room ours{room.key, known.epoch, known.created_at};
    into.vacate.push_back({ours, {peer, room.epoch}});
    closed_.push_back(ours);
    std::erase(opened_, ours);
  }
  replace(known, {peer, room.epoch, room.created_at});
}

/// Another room of the name counts from now on.
void room_table::replace(entry& known, const claim& by) {
  if (known.lost_at)
    --orphans_;
  if (known.owner && known.owner != self_ && known.owner != by.owner)
    known.older.push_back({*known.owner, known.epoch, known.created_at});
  known = {by.owner, by.epoch, by.created_at, std::nullopt, {}, std::move(known.older)};
}

/// The room that counted is gone: the newest of the older ones counts again. False when there is none.
bool room_table::fall_back(entry& known) {
  if (known.older.empty())
    return false;
  const auto newest = std::max_element(known.older.begin(), known.older.end(),
                                       [](const claim& a, const claim& b) { return a.epoch < b.epoch; });
  const claim next = *newest;
  known.older.erase(newest);
  known = {next.owner, next.epoch, next.created_at, std::nullopt, {}, std::move(known.older)};
  return true;
}

/// A room has ended, whether it counted or not.
void room_table::forget(entries::iterator where, const node_name& owner, std::uint64_t epoch) {
  auto& known = where->second;
  std::erase_if(known.older, [&](const claim& each) { return each.owner == owner && each.epoch == epoch; });
  if (known.owner == owner && known.epoch == epoch && !fall_back(known))
    entries_.erase(where);
}

void room_table::forget_missing(const node_name& peer, const std::vector<owned_room>& all) {
  std::set<std::pair<room_key, std::uint64_t>> said;
  for (const auto& room : all)
    said.emplace(room.key, room.epoch);
  std::vector<std::pair<room_key, std::uint64_t>> missing;
  const auto note = [&](const room_key& key, const node_name& owner, std::uint64_t epoch) {
    if (owner == peer && !said.contains({key, epoch}))
      missing.emplace_back(key, epoch);
  };
  for (const auto& [key, known] : entries_) {
    if (known.owner)
      note(key, *known.owner, known.epoch);
    for (const auto& each : known.older)
      note(key, each.owner, each.epoch);
  }
  for (const auto& [key, epoch] : missing)
    if (auto found = entries_.find(key); found != entries_.end())
      forget(found, peer, epoch);
}

result<void> room_table::own(const owned_room& room) {
  const auto* before = find(room.key);
  const auto newest = before ? before->epoch : 0;
  if (room.epoch <= newest)
    return fail(errc::stale, fmt::format("room \"{}\" has epoch {}, not older than the {} it should get",
                                         room.key.name, newest, room.epoch));
  if (before && before->owner == self_)
    return fail(errc::moved,
                fmt::format("room \"{}\" is here already, under epoch {}", room.key.name, newest));
  replace(entries_[room.key], {self_, room.epoch, room.created_at});
  opened_.push_back(room);
  return {};
}

void room_table::release(const room_key& key, std::uint64_t epoch) {
  auto found = entries_.find(key);
  if (found == entries_.end() || found->second.owner != self_ || found->second.epoch != epoch)
    return;
  closed_.push_back({key, epoch, found->second.created_at});
  std::erase_if(opened_, [&](const auto& each) { return each.key == key && each.epoch == epoch; });
  forget(found, self_, epoch);
}

std::size_t room_table::lose(const node_name& owner, mono_time now, std::chrono::milliseconds silent_for) {
  std::size_t lost = 0;
  for (auto& [key, known] : entries_) {
    std::erase_if(known.older, [&owner](const claim& each) { return each.owner == owner; });
    if (known.owner != owner || fall_back(known))
      continue;
    known.owner.reset();
    known.lost_at = now;
    known.silent_for = silent_for;
    ++lost;
  }
  orphans_ += lost;
  return lost;
}

void room_table::forget_orphans(mono_time now) {
  orphans_ -= std::erase_if(entries_, [now](const auto& each) {
    return each.second.lost_at && now - *each.second.lost_at >= orphan_time;
  });
}

room_table::standing room_table::standing_of(const room_key& key, mono_time now) const {
  const auto* known = find(key);
  if (!known)
    return standing::unknown;
  if (known->owner)
    return standing::owned;
  return now - *known->lost_at < moving_time ? standing::moving : standing::unknown;
}

std::optional<peer::room_place> room_table::place_of(const room_key& key) const {
  const auto* known = find(key);
  if (!known || !known->owner)
    return std::nullopt;
  return peer::room_place{*known->owner, known->epoch};
}

const room_table::entry* room_table::find(const room_key& key) const {
  auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

bool room_table::is_ours(const room_key& key, std::uint64_t epoch) const {
  const auto* known = find(key);
  return known && known->owner == self_ && known->epoch == epoch;
}

bool room_table::has_half(const owned_room& theirs) const {
  const auto* known = find(theirs.key);
  return known && known->owner == self_ && theirs.epoch <= known->epoch;
}

std::vector<std::pair<room_key, peer::room_place>> room_table::rooms_of(const customer_id& customer) const {
  std::vector<std::pair<room_key, peer::room_place>> rooms;
  for (const auto& [key, known] : entries_)
    if (known.owner && key.customer == customer)
      rooms.emplace_back(key, peer::room_place{*known.owner, known.epoch});
  return rooms;
}

std::vector<owned_room> room_table::ours() const {
  std::vector<owned_room> rooms;
  for (const auto& [key, known] : entries_)
    if (known.owner == self_)
      rooms.push_back({key, known.epoch, known.created_at});
  return rooms;
}

std::optional<peer::rooms_changed> room_table::take_changes() {
  if (opened_.empty() && closed_.empty())
    return std::nullopt;
  return peer::rooms_changed{false, std::exchange(opened_, {}), std::exchange(closed_, {})};
}

} // namespace plenary
