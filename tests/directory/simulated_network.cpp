#include "tests/directory/simulated_network.hpp"

#include <algorithm>

namespace plenary::test {

namespace {

constexpr milliseconds heartbeat_pause{300};
constexpr milliseconds request_deadline{1000};

template <class... Ts>
struct overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
overloaded(Ts...) -> overloaded<Ts...>;

} // namespace

node_name name_of(std::size_t node) {
  return {"node-" + std::string(1, static_cast<char>('a' + node))};
}

void timeline::at(mono_time when, std::function<void()> what) {
  entries_.push_back({std::max(when, now_), next_++, std::move(what)});
  std::push_heap(entries_.begin(), entries_.end(), std::greater<>{});
}

void timeline::run_until(mono_time end) {
  while (!entries_.empty() && entries_.front().when <= end) {
    std::pop_heap(entries_.begin(), entries_.end(), std::greater<>{});
    const auto next = std::move(entries_.back());
    entries_.pop_back();
    now_ = next.when;
    next.what();
  }
  now_ = end;
}

simulated_network::simulated_network(std::size_t size, unsigned seed, milliseconds silence)
    : random_(seed)
    , silence_(silence)
    , machines_(size)
    , blocked_(size, std::vector<char>(size, 0)) {
  for (std::size_t from = 0; from < size; ++from)
    for (std::size_t to = from + 1; to < size; ++to)
      dial(from, to, milliseconds{200});
}

std::size_t simulated_network::index_of(const node_name& name) const {
  return static_cast<std::size_t>(name.value.back() - 'a');
}

// -- faults -------------------------------------------------------------------------------------------------

void simulated_network::start(std::size_t node, peer_identity who, link_user& user) {
  auto& host = machines_[node];
  host = {machine::running, host.incarnation + 1, std::move(who), {}, &user, {}, {}};
  beat(node, host.incarnation);
}

void simulated_network::kill(std::size_t node) {
  auto& host = machines_[node];
  host.state = machine::dead;
  host.user = nullptr;
  for (auto& [peer, link] : std::exchange(host.links, {})) {
    const int side = link->ends[0].node == node ? 0 : 1;
    link->ends[side].open = false;
    link->ends[side].asked.clear();
    send(link, side, farewell{});
  }
}

void simulated_network::freeze(std::size_t node, bool frozen) {
  if (machines_[node].state != machine::dead)
    machines_[node].state = frozen ? machine::frozen : machine::running;
}

void simulated_network::drop(std::size_t one, std::size_t other) {
  auto found = machines_[one].links.find(other);
  if (found == machines_[one].links.end() || machines_[one].state != machine::running)
    return;
  const auto link = found->second;
  close(link, link->ends[0].node == one ? 0 : 1, true);
}

// -- dialling -----------------------------------------------------------------------------------------------

void simulated_network::dial(std::size_t from, std::size_t to, milliseconds pause) {
  const auto& host = machines_[from];
  auto next = milliseconds{200};
  if (host.state == machine::running && !host.links.contains(to)) {
    if (may_connect(from, to))
      time_.after(delay(), [this, from, to, dialler = host.incarnation] { accept(from, to, dialler); });
    else
      next = std::min(pause * 2, milliseconds{2000});
  }
  time_.after(next / 2 + milliseconds{pick(0, static_cast<int>(next.count() / 2))},
              [this, from, to, next] { dial(from, to, next); });
}

bool simulated_network::may_connect(std::size_t from, std::size_t to) const {
  const auto is_paused = [this](std::size_t one, std::size_t other) {
    const auto& paused = machines_[one].paused;
    const auto found = paused.find(other);
    return found != paused.end() && found->second > time_.now();
  };
  return machines_[to].state == machine::running && !blocked_[from][to] && !blocked_[to][from] &&
         !is_paused(from, to) && !is_paused(to, from);
}

void simulated_network::accept(std::size_t from, std::size_t to, std::uint64_t dialler) {
  auto& host = machines_[to];
  if (!may_connect(from, to) || machines_[from].incarnation != dialler || !machines_[from].user ||
      machines_[from].links.contains(to))
    return;
  if (auto old = host.links.find(from); old != host.links.end()) {
    const auto link = old->second;
    close(link, link->ends[0].node == to ? 0 : 1, true);
  }
  auto made = std::make_shared<connection>();
  made->ends[0].node = from;
  made->ends[1].node = to;
  made->ends[1].open = true;
  made->ends[1].last_answer = made->ends[1].next_ping = time_.now();
  host.links[from] = made;
  send(made, 1, greeting{host.identity, host.status});
  host.user->on_link_up(machines_[from].identity, machines_[from].status);
}

// -- packets ------------------------------------------------------------------------------------------------

void simulated_network::send(const connection_pointer& link, int side, packet what) {
  auto& out = link->ends[side].out;
  out.packets.push_back(std::move(what));
  out.last_due = std::max(out.last_due, time_.now() + delay());
  time_.at(out.last_due, [this, link, side] { deliver(link, side); });
}

void simulated_network::deliver(const connection_pointer& link, int side) {
  const auto from = link->ends[side].node;
  const auto to = link->ends[1 - side].node;
  if (blocked_[from][to] || machines_[to].state == machine::frozen)
    return time_.after(milliseconds{pick(2, 30)}, [this, link, side] { deliver(link, side); });
  auto& packets = link->ends[side].out.packets;
  auto what = std::move(packets.front());
  packets.pop_front();
  auto& target = link->ends[1 - side];
  if (auto* hello = std::get_if<greeting>(&what); hello && machines_[to].user && !link->greeted) {
    link->greeted = true;
    if (!link->ends[side].open || machines_[to].links.contains(from))
      return;
    target.open = true;
    target.last_answer = target.next_ping = time_.now();
    machines_[to].links[from] = link;
    return machines_[to].user->on_link_up(hello->identity, hello->status);
  }
  if (target.open)
    handle(link, 1 - side, std::move(what));
  else if (link->ends[side].open)
    send(link, 1 - side, farewell{}); // nobody is there: the connection is reset
}

void simulated_network::handle(const connection_pointer& link, int side, packet what) {
  auto& end = link->ends[side];
  const auto me = end.node;
  const auto peer = name_of(link->ends[1 - side].node);
  auto* user = machines_[me].user;
  std::visit(overloaded{[](const greeting&) {},
                        [&](const ping& asked) {
                          send(link, side, pong{asked.asked_at, machines_[me].status});
                          user->on_status(peer, asked.status, mono_time{});
                        },
                        [&](const pong& answer) {
                          end.last_answer = time_.now();
                          end.next_ping = time_.now() + heartbeat_pause;
                          user->on_status(peer, answer.status, answer.asked_at);
                        },
                        [&](const request& asked) {
                          user->on_request(peer, asked.what,
                                           [this, link, side, number = asked.number](auto answer) {
                                             if (link->ends[side].open)
                                               send(link, side, reply{number, std::move(answer)});
                                           });
                        },
                        [&](const reply& got) {
                          if (auto waiting = end.asked.extract(got.number))
                            waiting.mapped()(got.answer);
                        },
                        [&](const farewell&) { close(link, side, false); }},
             what);
}

void simulated_network::close(const connection_pointer& link, int side, bool tell) {
  auto& end = link->ends[side];
  if (!std::exchange(end.open, false))
    return;
  auto& host = machines_[end.node];
  const auto peer = link->ends[1 - side].node;
  host.links.erase(peer);
  for (auto& [number, done] : std::exchange(end.asked, {}))
    done(fail(errc::unavailable, "the link has ended"));
  if (tell)
    send(link, side, farewell{});
  host.user->on_link_down(name_of(peer));
}

// -- heartbeats ---------------------------------------------------------------------------------------------

void simulated_network::beat(std::size_t node, std::uint64_t incarnation) {
  auto& host = machines_[node];
  if (host.incarnation != incarnation || host.state == machine::dead)
    return;
  time_.after(milliseconds{host.state == machine::frozen ? pick(1, 10) : 50},
              [this, node, incarnation] { beat(node, incarnation); });
  if (host.state == machine::frozen)
    return;
  auto links = host.links;
  for (auto& [peer, link] : links)
    heartbeat(link, link->ends[0].node == node ? 0 : 1);
}

void simulated_network::heartbeat(const connection_pointer& link, int side) {
  auto& end = link->ends[side];
  if (!end.open)
    return;
  if (time_.now() - end.last_answer > silence_)
    return close(link, side, true);
  if (time_.now() < end.next_ping)
    return;
  end.next_ping = mono_time::max();
  send(link, side, ping{time_.now(), machines_[end.node].status});
}

// -- for a node ---------------------------------------------------------------------------------------------

void simulated_network::ask(std::size_t from, const node_name& peer, peer_request what, callback done) {
  auto found = machines_[from].links.find(index_of(peer));
  if (found == machines_[from].links.end())
    return time_.after({}, [done] { done(fail(errc::unavailable, "there is no link")); });
  const auto link = found->second;
  const int side = link->ends[0].node == from ? 0 : 1;
  const auto number = next_request_++;
  link->ends[side].asked[number] = std::move(done);
  send(link, side, request{number, std::move(what)});
  time_.after(request_deadline, [this, link, side, number] { expire(link, side, number); });
}

void simulated_network::expire(const connection_pointer& link, int side, std::uint64_t number) {
  if (machines_[link->ends[side].node].state == machine::frozen)
    return time_.after(milliseconds{pick(1, 30)}, [this, link, side, number] { expire(link, side, number); });
  if (auto waiting = link->ends[side].asked.extract(number))
    waiting.mapped()(fail(errc::timeout, "no answer in time"));
}

void simulated_network::set_status(std::size_t node, member_status status) {
  auto& host = machines_[node];
  const bool tell = status.phase != host.status.phase;
  host.status = std::move(status);
  if (tell)
    for (auto& [peer, link] : host.links)
      send(link, link->ends[0].node == node ? 0 : 1, ping{time_.now(), host.status});
}

void simulated_network::cut(std::size_t node, const node_name& peer, milliseconds pause) {
  const auto index = index_of(peer);
  machines_[node].paused[index] = time_.now() + pause;
  time_.after({}, [this, node, index] { drop(node, index); });
}

} // namespace plenary::test
