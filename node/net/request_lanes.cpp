#include "node/net/request_lanes.hpp"

#include <algorithm>

namespace plenary {

bool request_lanes::wait(ticket number, const lane_place& place, mono_time give_up_at) {
  auto& own = lanes_[place.customer];
  if (own.waiting >= limits_.waiting)
    return false;
  own.hosts[place.host].requests.push_back({number, give_up_at});
  ++own.waiting;
  ++waiting_;
  return true;
}

/// The host whose oldest request has waited longest, of those that take one more.
request_lanes::host_queue* request_lanes::ready_host(lane& of) {
  host_queue* ready = nullptr;
  for (auto& [name, host] : of.hosts)
    if (!host.requests.empty() && host.on_their_way < limits_.per_host &&
        (ready == nullptr || host.requests.front().number < ready->requests.front().number))
      ready = &host;
  return ready;
}

std::optional<request_lanes::ticket> request_lanes::leave() {
  if (waiting_ == 0 || on_their_way_ >= limits_.total)
    return std::nullopt;
  lane* next = nullptr;
  host_queue* host = nullptr;
  for (auto& [customer, each] : lanes_) {
    if (each.waiting == 0 || each.on_their_way >= limits_.per_customer ||
        (next != nullptr && next->on_their_way <= each.on_their_way))
      continue;
    if (auto* ready = ready_host(each)) {
      next = &each;
      host = ready;
    }
  }
  if (next == nullptr)
    return std::nullopt;
  const auto number = host->requests.front().number;
  host->requests.pop_front();
  --next->waiting;
  --waiting_;
  ++host->on_their_way;
  ++next->on_their_way;
  ++on_their_way_;
  return number;
}

void request_lanes::end(const lane_place& place) {
  auto own = lanes_.find(place.customer);
  if (own == lanes_.end())
    return;
  auto host = own->second.hosts.find(place.host);
  if (host == own->second.hosts.end() || host->second.on_their_way == 0)
    return;
  --host->second.on_their_way;
  --own->second.on_their_way;
  --on_their_way_;
  forget_idle(place);
}

void request_lanes::forget_idle(const lane_place& place) {
  auto own = lanes_.find(place.customer);
  auto host = own->second.hosts.find(place.host);
  if (host->second.requests.empty() && host->second.on_their_way == 0)
    own->second.hosts.erase(host);
  if (own->second.hosts.empty())
    lanes_.erase(own);
}

std::vector<request_lanes::ticket> request_lanes::give_up(mono_time now) {
  std::vector<ticket> over;
  if (waiting_ == 0)
    return over;
  std::vector<lane_place> touched;
  for (auto& [customer, own] : lanes_)
    for (auto& [name, host] : own.hosts) {
      const auto before = over.size();
      while (!host.requests.empty() && host.requests.front().give_up_at <= now) {
        over.push_back(host.requests.front().number);
        host.requests.pop_front();
      }
      own.waiting -= over.size() - before;
      if (over.size() > before)
        touched.push_back({customer, name});
    }
  waiting_ -= over.size();
  for (const auto& place : touched)
    forget_idle(place);
  return over;
}

std::optional<mono_time> request_lanes::next_deadline() const {
  std::optional<mono_time> next;
  if (waiting_ == 0)
    return next;
  for (const auto& [customer, own] : lanes_)
    for (const auto& [name, host] : own.hosts)
      if (!host.requests.empty())
        next = std::min(next.value_or(mono_time::max()), host.requests.front().give_up_at);
  return next;
}

} // namespace plenary
