#include "actors/directory/room_table.hpp"

#include <fmt/format.h>

#include <set>
#include <utility>

namespace plenary {

room_table::lesson room_table::learn(const node_name& peer, const peer::rooms_changed& said) {
  lesson learnt;
  if (said.all)
    forget_missing(peer, said.opened);
  for (const auto& room : said.closed) {
    auto found = entries_.find(room.key);
    if (found != entries_.end() && found->second.owner == peer && found->second.epoch == room.epoch)
      entries_.erase(found);
  }
  for (const auto& room : said.opened)
    learn_one(peer, room, learnt);
  return learnt;
}

void room_table::learn_one(const node_name& peer, const owned_room& room, lesson& into) {
  auto& known = entries_[room.key];
  const bool is_news = room.epoch > known.epoch || (room.epoch == known.epoch && !known.owner);
  if (!is_news) {
    if (known.owner == self_ && room.epoch < known.epoch)
      into.halves.push_back(room.key);
    return;
  }
  if (known.owner == self_) {
    const owned_room ours{room.key, known.epoch, known.created_at};
    into.vacate.push_back({ours, {peer, room.epoch}});
    closed_.push_back(ours);
    std::erase(opened_, ours);
  }
  if (known.lost_at)
    --orphans_;
  known = {peer, room.epoch, room.created_at, std::nullopt};
}

void room_table::forget_missing(const node_name& peer, const std::vector<owned_room>& all) {
  std::set<std::pair<room_key, std::uint64_t>> said;
  for (const auto& room : all)
    said.emplace(room.key, room.epoch);
  std::erase_if(entries_, [&](const auto& each) {
    return each.second.owner == peer && !said.contains({each.first, each.second.epoch});
  });
}

result<void> room_table::own(const owned_room& room) {
  auto& known = entries_[room.key];
  if (room.epoch <= known.epoch)
    return fail(errc::stale, fmt::format("room \"{}\" has epoch {}, not older than the {} it should get",
                                         room.key.name, known.epoch, room.epoch));
  if (known.lost_at)
    --orphans_;
  known = {self_, room.epoch, room.created_at, std::nullopt};
  opened_.push_back(room);
  return {};
}

void room_table::release(const room_key& key, std::uint64_t epoch) {
  auto found = entries_.find(key);
  if (found == entries_.end() || found->second.owner != self_ || found->second.epoch != epoch)
    return;
  closed_.push_back({key, epoch, found->second.created_at});
  std::erase_if(opened_, [&](const auto& each) { return each.key == key && each.epoch == epoch; });
  entries_.erase(found);
}

void room_table::hand_over(const owned_room& successor, const node_name& to) {
  lesson unused;
  learn_one(to, successor, unused);
}

std::size_t room_table::lose(const node_name& owner, mono_time now) {
  std::size_t lost = 0;
  for (auto& [key, known] : entries_) {
    if (known.owner != owner)
      continue;
    known.owner.reset();
    known.lost_at = now;
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
