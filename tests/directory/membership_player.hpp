#pragma once

#include "actors/directory/membership.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace plenary::membership {

/// One node's machine and what it said, with a clock of its own.
class node {
public:
  explicit node(std::size_t expected_peers, bool hold = false) {
    settings fixed;
    fixed.self = identity("node-a");
    fixed.expected_peers = expected_peers;
    fixed.size = expected_peers + 1;
    fixed.hold = hold;
    now_ = start(fixed, time);
  }

  static peer_identity identity(const std::string& name) {
    peer_identity who;
    who.name = {name};
    who.address = name + ":7400";
    return who;
  }

  /// A status of a peer that has links to these and counts them as members.
  static member_status seeing(const std::vector<std::string>& names,
                              member_phase phase = member_phase::live) {
    member_status status;
    status.phase = phase;
    for (const auto& name : names) {
      status.links.push_back(identity(name));
      status.members.push_back({name});
    }
    return status;
  }

  void feed(const event& what) {
    auto outcome = step(std::move(now_), what, time);
    now_ = std::move(outcome.next);
    effects.insert(effects.end(), outcome.effects.begin(), outcome.effects.end());
  }

  void hear(const std::string& name, const std::vector<std::string>& sees) {
    feed(status_came{{name}, seeing(sees), time});
  }

  void link(const std::string& name, const std::vector<std::string>& sees) {
    feed(link_up{identity(name), {}});
    feed(rooms_known{{name}});
    hear(name, sees);
  }

  /// Time in which every peer goes on answering with its latest status.
  void pass(std::chrono::milliseconds duration, bool answered = true) {
    for (auto end = time + duration; time < end;) {
      time += std::chrono::milliseconds{100};
      if (answered)
        for (const auto& [name, each] : std::map(now_.peers))
          feed(status_came{name, each.status, time});
      feed(tick{});
    }
  }

  template <class Effect>
  std::size_t count() const {
    return static_cast<std::size_t>(std::count_if(effects.begin(), effects.end(), [](const auto& each) {
      return std::holds_alternative<Effect>(each);
    }));
  }

  mono_time permit() const {
    mono_time until{};
    for (const auto& each : effects)
      if (const auto* permit = std::get_if<permitted>(&each))
        until = permit->until;
    return until;
  }

  bool has(const std::string& name) const {
    const auto found = now_.peers.find({name});
    return found != now_.peers.end() && found->second.admitted;
  }

  member_phase phase() const { return now_.phase; }
  const state& now() const { return now_; }

  mono_time time{std::chrono::seconds{1000}};
  std::vector<effect> effects;

private:
  state now_;
};

/// Three nodes that all see each other.
inline node of_three(bool hold = false) {
  node a{2, hold};
  a.link("node-b", {"node-a", "node-c"});
  a.link("node-c", {"node-a", "node-b"});
  a.hear("node-b", {"node-a", "node-c"});
  a.pass(std::chrono::seconds{3});
  return a;
}

} // namespace plenary::membership
