#include "node/link/dial_list.hpp"

#include <algorithm>

namespace plenary::link {

namespace {

using std::chrono::milliseconds;

constexpr milliseconds own_address_pause = std::chrono::minutes{1};
constexpr auto learned_address_life = std::chrono::minutes{5}; ///< without an answer

} // namespace

dial_list::dial_list(environment& around, dialler dial, linked is_linked)
    : around_(around)
    , dial_(std::move(dial))
    , is_linked_(std::move(is_linked))
    , random_(around.own.incarnation ^ std::hash<std::string>{}(around.own.name.value))
    , tasks_(*this) {
  for (const auto& seed : around.settings.seeds)
    add(seed, source::configured);
}

void dial_list::add(const std::string& address, source from) {
  auto [found, is_new] = targets_.try_emplace(address);
  found->second.from = std::min(found->second.from, from);
  if (!is_new)
    return;
  found->second.answered_at = std::chrono::steady_clock::now();
  schedule(address, milliseconds{0});
}

void dial_list::set(const std::vector<std::string>& addresses) {
  for (auto at = targets_.begin(); at != targets_.end();) {
    auto gone = at->second.from == source::set &&
                std::find(addresses.begin(), addresses.end(), at->first) == addresses.end();
    at = gone ? targets_.erase(at) : std::next(at);
  }
  for (const auto& address : addresses)
    add(address, source::set);
}

void dial_list::learn(const std::string& address, const node_name& peer) {
  auto is_new = !targets_.contains(address);
  add(address, source::learned);
  auto changed = !is_new && targets_[address].peer != peer;
  note_peer(address, peer);
  if (changed)
    schedule(address, milliseconds{0});
}

void dial_list::note_peer(const std::string& address, const node_name& peer) {
  if (auto found = targets_.find(address); found != targets_.end())
    found->second.peer = peer;
}

void dial_list::wake(const node_name& peer, milliseconds pause) {
  for (auto& [address, which] : targets_)
    if (which.peer == peer) {
      which.failures = 0;
      schedule(address, pause);
    }
}

void dial_list::schedule(const std::string& address, milliseconds delay) {
  auto& which = targets_[address];
  if (which.dialling)
    return;
  auto round = ++which.round;
  tasks_.add(
      around_.timer.afterDelay(to_kj(delay)).then([this, address, round] { attempt(address, round); }));
}

void dial_list::attempt(const std::string& address, std::uint64_t round) {
  auto found = targets_.find(address);
  if (found == targets_.end() || found->second.round != round || found->second.dialling)
    return;
  if (found->second.peer && is_linked_(*found->second.peer))
    return; // until `wake`
  found->second.dialling = true;
  tasks_.add(dial_(address).then([this, address](dial_outcome how) { finished(address, how); }));
}

void dial_list::finished(const std::string& address, dial_outcome how) {
  auto found = targets_.find(address);
  if (found == targets_.end())
    return;
  auto& which = found->second;
  which.dialling = false;
  auto now = std::chrono::steady_clock::now();
  if (how != dial_outcome::failed) {
    which.answered_at = now;
    which.failures = 0;
  } else if (which.from == source::learned && now - which.answered_at > learned_address_life) {
    targets_.erase(found);
    return;
  }
  schedule(address, pause_after(which, how));
  which.failures += how == dial_outcome::failed ? 1 : 0;
}

milliseconds dial_list::pause_after(const target& which, dial_outcome how) {
  const auto& settings = around_.settings;
  switch (how) {
  case dial_outcome::linked: // a link that has gone meanwhile is dialled again at once
    return milliseconds{0};
  case dial_outcome::self:
    return own_address_pause;
  case dial_outcome::refused:
    return settings.refused_pause;
  case dial_outcome::dial_back:
    return jittered(settings.redial_most);
  case dial_outcome::paused:
    return jittered(2 * settings.redial_least);
  case dial_outcome::failed:
    break;
  }
  auto exponent = std::min(which.failures, 10u);
  return jittered(std::min(settings.redial_most, settings.redial_least * (1u << exponent)));
}

milliseconds dial_list::jittered(milliseconds most) {
  std::uniform_int_distribution<std::int64_t> spread{most.count() / 2, most.count()};
  return milliseconds{spread(random_)};
}

void dial_list::taskFailed(kj::Exception&& why) {
  around_.log().error("link_dial_task_failed", {{"reason", std::string_view{why.getDescription().cStr()}}});
}

} // namespace plenary::link
