#include "tests/directory/simulated_cluster.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::test {

namespace {

constexpr milliseconds silence{1500};

/// A drain moves callers before the old room stops: two nodes may mix then.
constexpr std::chrono::seconds handover_time{3};

} // namespace

room_key room_number(int number) {
  return {{"cust"}, fmt::format("room-{}", number)};
}

simulated_cluster::simulated_cluster(const setup& what)
    : setup_(what)
    , network_(what.nodes, what.seed, silence)
    , nodes_(what.nodes)
    , incarnations_(what.nodes)
    , drained_at_(what.nodes) {
  for (std::size_t i = 0; i < what.nodes; ++i) {
    clock_errors_.emplace_back(network_.pick(-200, 200));
    boot(i);
  }
}

// -- faults -------------------------------------------------------------------------------------------------

void simulated_cluster::boot(std::size_t index) {
  if (network_.state_of(index) != simulated_network::machine::dead)
    return;
  membership::settings fixed;
  fixed.self.name = name_of(index);
  fixed.self.address = name_of(index).value;
  fixed.self.incarnation = ++incarnations_[index];
  fixed.expected_peers = setup_.nodes - 1;
  fixed.size = setup_.nodes;
  fixed.hold = setup_.hold;
  fixed.silence = silence;
  nodes_[index] = std::make_unique<simulated_node>(index, fixed, network_, clock_errors_[index]);
  nodes_[index]->opened = [this, index](const owned_room& room, open_reason) { note_opened(index, room); };
  network_.start(index, fixed.self, *nodes_[index]);
  tick(index, incarnations_[index]);
}

void simulated_cluster::kill(std::size_t index) {
  if (network_.state_of(index) == simulated_network::machine::dead)
    return;
  network_.kill(index);
  nodes_[index].reset();
  std::erase_if(callers_, [index](const auto& each) { return each.node == index; });
}

void simulated_cluster::partition(const std::vector<int>& sides, bool one_way) {
  for (std::size_t from = 0; from < sides.size(); ++from)
    for (std::size_t to = 0; to < sides.size(); ++to)
      if (sides[from] != sides[to] && !(one_way && sides[from] < sides[to]))
        network_.block(from, to, true);
}

void simulated_cluster::drain(std::size_t index, bool drain) {
  if (runs(index))
    nodes_[index]->set_draining(drain);
}

void simulated_cluster::heal() {
  for (std::size_t from = 0; from < nodes_.size(); ++from)
    for (std::size_t to = 0; to < nodes_.size(); ++to)
      network_.block(from, to, false);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    boot(i);
    freeze(i, false);
    drain(i, false);
  }
}

// -- callers ------------------------------------------------------------------------------------------------

void simulated_cluster::call(std::size_t node, const room_key& key) {
  if (runs(node))
    callers_.push_back({node, key, std::nullopt, false, next_caller_++});
}

void simulated_cluster::hang_up(std::size_t count) {
  callers_.erase(callers_.begin(),
                 callers_.begin() + static_cast<std::ptrdiff_t>(std::min(count, callers_.size())));
}

void simulated_cluster::move_callers(std::size_t index) {
  auto& node = *nodes_[index];
  for (auto& who : callers_) {
    if (who.node != index)
      continue;
    if (who.place) {
      const auto known = node.table().place_of(who.key);
      const bool moved = known && known->epoch > who.place->epoch;
      const bool cut_off = who.place->owner != node.name() && !node.is_linked(who.place->owner);
      const bool gone = who.place->owner == node.name() && !node.rooms().contains(who.key);
      if (moved || cut_off || gone)
        who.place.reset();
    }
    if (!who.place && !who.seeking)
      seek(who);
  }
}

void simulated_cluster::seek(caller& who) {
  who.seeking = true;
  const auto enter = [this, number = who.number](const result<peer::room_place>& place) {
    auto found = std::find_if(callers_.begin(), callers_.end(),
                              [number](const auto& each) { return each.number == number; });
    if (found == callers_.end())
      return;
    found->seeking = false;
    if (!place)
      return;
    const auto owner = static_cast<std::size_t>(place->owner.value.back() - 'a');
    if (runs(owner) && nodes_[owner]->table().is_ours(found->key, place->epoch))
      found->place = *place; // the owner takes it in; else it looks again with the next tick
  };
  nodes_[who.node]->locate(who.key, [this, enter](const auto& place) {
    network_.time().after(milliseconds{network_.pick(1, 40)}, [enter, place] { enter(place); });
  });
}

void simulated_cluster::end_empty_rooms(std::size_t index) {
  auto& node = *nodes_[index];
  std::vector<room_key> empty;
  for (const auto& [key, room] : node.rooms()) {
    const bool wanted =
        std::any_of(callers_.begin(), callers_.end(), [&, epoch = room.epoch](const auto& each) {
          return each.key == key && each.place && each.place->owner == node.name() &&
                 each.place->epoch == epoch;
        });
    if (!wanted && network_.time().now() - node.opened_at(key) > std::chrono::seconds{1})
      empty.push_back(key);
  }
  for (const auto& key : empty)
    node.empty(key);
}

// -- time ---------------------------------------------------------------------------------------------------

void simulated_cluster::tick(std::size_t index, std::uint64_t incarnation) {
  if (incarnations_[index] != incarnation || !nodes_[index])
    return;
  if (!runs(index))
    return network_.time().after(milliseconds{network_.pick(1, 20)},
                                 [this, index, incarnation] { tick(index, incarnation); });
  nodes_[index]->tick();
  move_callers(index);
  end_empty_rooms(index);
  network_.time().after(milliseconds{100}, [this, index, incarnation] { tick(index, incarnation); });
}

void simulated_cluster::pass(milliseconds time) {
  const auto end = network_.time().now() + time;
  while (network_.time().now() < end && violation_.empty()) {
    network_.time().run_until(std::min<mono_time>(end, network_.time().now() + milliseconds{10}));
    watch();
  }
}

// -- what must never be -------------------------------------------------------------------------------------

std::string simulated_cluster::describe() const {
  std::string text;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i])
      continue;
    const auto& node = *nodes_[i];
    text += fmt::format("\n  {}{} {}, permit {}, peers", node.name().value, runs(i) ? "" : " (frozen)",
                        to_string(node.members().phase), node.holds_permit());
    for (const auto& [name, peer] : node.members().peers)
      text += fmt::format(" {}{}{}", name.value, peer.admitted ? "+" : "-", peer.votes_since ? "v" : "");
    for (const auto& [key, room] : node.rooms())
      text += fmt::format(", {} of {} ms", key.name,
                          (network_.time().now() - node.opened_at(key)) / milliseconds{1});
  }
  return text;
}

void simulated_cluster::violated(std::string what) {
  if (violation_.empty())
    violation_ = fmt::format(
        "seed {}, {} nodes{}, at {} ms: {}", setup_.seed, setup_.nodes, setup_.hold ? ", hold" : "",
        (network_.time().now().time_since_epoch() - std::chrono::seconds{1000}) / milliseconds{1},
        what + describe());
}

void simulated_cluster::note_opened(std::size_t index, const owned_room& room) {
  ++openings_[room.key];
  const auto [known, is_new] = owners_.try_emplace({room.key, room.epoch}, index);
  if (!is_new && known->second != index)
    violated(fmt::format("{} opened on two nodes under epoch {}", room.key.name, room.epoch));
}

void simulated_cluster::watch() {
  std::map<room_key, std::size_t> mixing;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!runs(i) || !setup_.hold)
      continue;
    const auto& node = *nodes_[i];
    if (node.members().phase == member_phase::draining)
      drained_at_[i] = network_.time().now();
    const bool hands_over = network_.time().now() - drained_at_[i] < handover_time;
    if (node.holds_permit() && !membership::decides(node.members()) &&
        network_.time().now() - node.members().last_step < milliseconds{200})
      violated(fmt::format("{} may mix though it decides nothing", node.name().value));
    if (!node.holds_permit() || hands_over)
      continue;
    for (const auto& [key, room] : node.rooms())
      if (const auto [other, alone] = mixing.try_emplace(key, i); !alone)
        violated(fmt::format("{} may be mixed by {} and {}", key.name, name_of(other->second).value,
                             node.name().value));
  }
}

// -- what must be at quiet times ----------------------------------------------------------------------------

std::string simulated_cluster::trouble() const {
  for (std::size_t one = 0; one < nodes_.size(); ++one) {
    if (!runs(one))
      continue;
    if (auto what = table_trouble(one); !what.empty())
      return what;
    for (std::size_t other = 0; other < nodes_.size(); ++other)
      if (other != one && runs(other))
        if (auto what = trouble_between(one, other); !what.empty())
          return what;
  }
  for (const auto& who : callers_)
    if (!who.place)
      return fmt::format("a caller on {} is not in {}", name_of(who.node).value, who.key.name);
  return {};
}

std::string simulated_cluster::table_trouble(std::size_t one) const {
  const auto& node = *nodes_[one];
  if (node.members().phase != member_phase::live)
    return fmt::format("{} is {}", node.name().value, to_string(node.members().phase));
  if (!node.holds_permit())
    return fmt::format("{} may not mix", node.name().value);
  for (const auto& [key, place] : node.table().rooms_of({"cust"})) {
    const auto owner = static_cast<std::size_t>(place.owner.value.back() - 'a');
    if (!runs(owner) || !nodes_[owner]->rooms().contains(key) ||
        nodes_[owner]->rooms().at(key).epoch != place.epoch)
      return fmt::format("{} lists {} on {}, which has no such room", node.name().value, key.name,
                         place.owner.value);
  }
  if (node.table().ours().size() != node.rooms().size())
    return fmt::format("{} owns {} rooms and has {}", node.name().value, node.table().ours().size(),
                       node.rooms().size());
  return {};
}

std::string simulated_cluster::trouble_between(std::size_t one, std::size_t other) const {
  const auto& node = *nodes_[one];
  const auto& peer = *nodes_[other];
  const auto& peers = node.members().peers;
  const auto known = peers.find(peer.name());
  if (known == peers.end() || !known->second.admitted)
    return fmt::format("{} does not count {} as a member ({})", node.name().value, peer.name().value,
                       known == peers.end()         ? "no link"
                       : !known->second.rooms_known ? "rooms not known"
                                                    : "does not fit");
  for (const auto& [key, room] : node.rooms()) {
    const auto place = peer.table().place_of(key);
    if (!place || place->owner != node.name() || place->epoch != room.epoch)
      return fmt::format("{} has {}, which {} lists on {}", node.name().value, key.name, peer.name().value,
                         place ? place->owner.value : "no node");
  }
  return {};
}

bool simulated_cluster::has_one_owner(const room_key& key) const {
  std::optional<node_name> owner;
  std::size_t rooms = 0;
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!runs(i))
      continue;
    const auto place = nodes_[i]->table().place_of(key);
    if (!place || (owner && *owner != place->owner))
      return false;
    owner = place->owner;
    rooms += nodes_[i]->rooms().count(key);
  }
  return rooms == 1;
}

std::size_t simulated_cluster::rooms_on(std::size_t index) const {
  return nodes_[index] ? nodes_[index]->rooms().size() : 0;
}

int simulated_cluster::openings(const room_key& key) const {
  auto found = openings_.find(key);
  return found == openings_.end() ? 0 : found->second;
}

int simulated_cluster::members_lost() const {
  int lost = 0;
  for (const auto& node : nodes_)
    lost += node ? node->members_lost() : 0;
  return lost;
}

int simulated_cluster::seated() const {
  return static_cast<int>(std::count_if(callers_.begin(), callers_.end(),
                                        [](const auto& each) { return each.place.has_value(); }));
}

} // namespace plenary::test
