#include "actors/directory/membership.hpp"

#include <algorithm>
#include <utility>

namespace plenary::membership {

namespace {

bool names(const std::vector<peer_identity>& links, const node_name& who) {
  return std::any_of(links.begin(), links.end(), [&who](const auto& each) { return each.name == who; });
}

/// Both say that they see each other; one of them alone may be late.
bool see_each_other(const peer& one, const peer& other) {
  return names(one.status.links, other.identity.name) && names(other.status.links, one.identity.name);
}

bool counts(const peer& each, const node_name& as_member) {
  const auto& members = each.status.members;
  return std::find(members.begin(), members.end(), as_member) != members.end();
}

/// One step's work on the state, collecting effects.
class machine {
public:
  machine(state before, mono_time now)
      : state_(std::move(before))
      , now_(now) {
    const bool stood_still = now - state_.last_step > permit_time(state_.fixed);
    state_.last_step = now;
    if (stood_still && (state_.fixed.expected_peers > 0 || !state_.peers.empty()))
      doubt();
  }

  outcome finish_step() { return {std::move(state_), std::move(effects_)}; }

  void operator()(const link_up& what) {
    (*this)(link_down{what.identity.name}); // a restarted peer, whose old link was not seen to end
    state_.peers[what.identity.name] = {what.identity, what.status, now_, {}, false, false, {}};
  }

  void operator()(const status_came& what) {
    auto found = state_.peers.find(what.peer);
    if (found == state_.peers.end())
      return;
    note_restless(found->second.status, what.status);
    found->second.status = what.status;
    found->second.confirmed_at = std::max(found->second.confirmed_at, what.asked_at);
    settle();
  }

  void operator()(const rooms_known& what) {
    auto found = state_.peers.find(what.peer);
    if (found == state_.peers.end())
      return;
    found->second.rooms_known = true;
    settle();
  }

  void operator()(const link_down& what) {
    auto found = state_.peers.find(what.peer);
    if (found == state_.peers.end())
      return;
    const bool was_admitted = found->second.admitted;
    state_.peers.erase(found);
    state_.restless_at = now_;
    if (was_admitted) {
      state_.lost.insert(what.peer);
      state_.contested_at = now_;
      effects_.emplace_back(member_lost{what.peer, what.silent_for});
    }
    settle();
  }

  void operator()(const draining_set& what) {
    state_.wants_drain = what.drain;
    settle();
  }

  void operator()(const tick&) {
    part_estranged();
    settle();
  }

private:
  /// This process cannot know what happened meanwhile: it mixes nothing until every peer has answered it.
  void doubt() {
    state_.doubted_at = now_;
    enter(member_phase::joining);
  }

  void enter(member_phase phase) {
    if (phase == member_phase::joining)
      state_.joining_since = now_;
    if (std::exchange(state_.phase, phase) == phase)
      return;
    effects_.emplace_back(phase_changed{phase});
    if (phase == member_phase::joining || phase == member_phase::held)
      effects_.emplace_back(permitted{now_});
  }

  void settle() {
    admit();
    count_votes();
    choose_phase();
    note_contest();
    prolong();
  }

  // -- who is a member --------------------------------------------------------------------------------------

  void admit() {
    for (auto& [name, candidate] : state_.peers)
      if (!candidate.admitted && candidate.rooms_known && candidate.confirmed_at >= candidate.linked_at &&
          fits(candidate)) {
        candidate.admitted = true;
        state_.restless_at = now_;
        state_.lost.erase(name);
        effects_.emplace_back(member_joined{name});
      }
  }

  /// Our members, the candidate and its members all see each other, as far as this node knows.
  bool fits(const peer& candidate) const {
    std::vector<const peer*> circle{&candidate};
    for (const auto& [name, each] : state_.peers)
      if (each.admitted)
        circle.push_back(&each);
    for (const auto& name : candidate.status.members) {
      if (name == state_.fixed.self.name)
        continue;
      const auto known = state_.peers.find(name);
      if (known == state_.peers.end())
        return false;
      circle.push_back(&known->second);
    }
    for (auto one = circle.begin(); one != circle.end(); ++one)
      for (auto other = std::next(one); other != circle.end(); ++other)
        if (*one != *other && !see_each_other(**one, **other))
          return false;
    return true;
  }

  void note_restless(const member_status& before, const member_status& after) {
    if (before.members != after.members || before.links != after.links)
      state_.restless_at = now_;
  }

  void part_estranged() {
    auto before = std::exchange(state_.estranged, {});
    for (auto one = state_.peers.begin(); one != state_.peers.end(); ++one) {
      if (!one->second.admitted)
        continue;
      if (!counts(one->second, state_.fixed.self.name))
        note_estranged(before, {one->first, state_.fixed.self.name}, false);
      for (auto other = std::next(one); other != state_.peers.end(); ++other) {
        if (!other->second.admitted)
          continue;
        if (!see_each_other(one->second, other->second))
          note_estranged(before, {one->first, other->first}, true);
        else if (!counts(one->second, other->first) || !counts(other->second, one->first))
          note_estranged(before, {one->first, other->first}, false);
      }
    }
    for (const auto& name : to_be_cut()) {
      effects_.emplace_back(cut{name});
      (*this)(link_down{name});
    }
  }

  void note_estranged(const std::map<std::pair<node_name, node_name>, estrangement>& before,
                      const std::pair<node_name, node_name>& pair, bool blind) {
    const auto known = before.find(pair);
    const bool is_new = known == before.end() || known->second.blind != blind;
    state_.estranged[pair] = {is_new ? now_ : known->second.since, blind};
  }

  std::set<node_name> to_be_cut() const {
    std::set<node_name> out;
    for (const auto& [pair, what] : state_.estranged) {
      const bool over = what.blind ? now_ - what.since >= blind_patience
                                   : now_ - std::max(what.since, state_.restless_at) >= estranged_patience;
      if (over && !out.contains(pair.first) && !out.contains(pair.second))
        out.insert(pair.second == state_.fixed.self.name ? pair.first : weaker(pair.first, pair.second));
    }
    return out;
  }

  node_name weaker(const node_name& one, const node_name& other) const {
    const auto links_of = [this](const node_name& name) { return state_.peers.at(name).status.links.size(); };
    if (links_of(one) != links_of(other))
      return links_of(one) < links_of(other) ? one : other;
    return std::max(one, other);
  }

  // -- what this node is ------------------------------------------------------------------------------------

  bool confirmed(const peer& each) const { return each.confirmed_at > state_.doubted_at; }

  /// Everybody expected is there, and so is everybody whom the others know.
  bool complete() const {
    if (state_.peers.size() < state_.fixed.expected_peers)
      return false;
    return std::all_of(state_.peers.begin(), state_.peers.end(), [this](const auto& entry) {
      const auto& each = entry.second;
      return each.admitted && confirmed(each) &&
             std::all_of(each.status.links.begin(), each.status.links.end(), [this](const auto& known) {
               return known.name == state_.fixed.self.name || state_.peers.contains(known.name);
             });
    });
  }

  /// Whether the peer has given its word to this node, and to nobody else who is not a member too.
  bool votes(const peer& each) const {
    return each.admitted && each.votes_since && now_ - *each.votes_since >= permit_time(state_.fixed) &&
           each.confirmed_at > std::max(state_.doubted_at, now_ - permit_time(state_.fixed));
  }

  void count_votes() {
    for (auto& [name, each] : state_.peers) {
      if (!each.admitted || !counts(each, state_.fixed.self.name))
        each.votes_since.reset();
      else if (!each.votes_since)
        each.votes_since = now_;
    }
    if (!has_majority())
      state_.majority_since.reset();
    else if (!state_.majority_since)
      state_.majority_since = now_;
  }

  bool has_majority() const {
    return !state_.fixed.hold || is_majority([this](const peer& each) { return votes(each); });
  }

  /// Whether it is one when the votes that are still young have ripened.
  bool may_get_majority() const {
    return is_majority([this](const peer& each) { return votes(each) || will_vote(each); });
  }

  bool will_vote(const peer& each) const {
    return each.admitted && each.votes_since ? now_ - *each.votes_since < permit_time(state_.fixed)
                                             : now_ - each.linked_at < join_patience;
  }

  template <class Predicate>
  bool is_majority(Predicate is_for_us) const {
    const auto for_us = std::count_if(state_.peers.begin(), state_.peers.end(),
                                      [&](const auto& entry) { return is_for_us(entry.second); });
    return (1 + static_cast<std::size_t>(for_us)) * 2 > state_.fixed.size;
  }

  void choose_phase() {
    const auto working = state_.wants_drain ? member_phase::draining : member_phase::live;
    switch (state_.phase) {
    case member_phase::joining: {
      const bool waited = now_ - state_.joining_since >= join_patience;
      if (has_majority() && (waited || complete()))
        enter(working);
      else if (waited && !may_get_majority())
        enter(member_phase::held);
      return;
    }
    case member_phase::held:
      // What happened on the majority's side is known once everybody linked has told its rooms; who is not
      // admitted in time never belonged to it.
      if (has_majority() && (all_admitted() || now_ - *state_.majority_since >= join_patience))
        enter(working);
      return;
    case member_phase::live:
    case member_phase::draining:
      return enter(has_majority() ? working : member_phase::held);
    }
  }

  /// Under `hold`: while this node is not sure of itself, or a lost member may still have a majority.
  void note_contest() {
    const auto missed_by_majority = [this](const node_name& lost) {
      return is_majority([&](const peer& each) { return votes(each) && !counts(each, lost); });
    };
    if (!decides(state_) || !std::all_of(state_.lost.begin(), state_.lost.end(), missed_by_majority))
      state_.contested_at = now_;
  }

  bool all_admitted() const {
    return std::all_of(state_.peers.begin(), state_.peers.end(), [this](const auto& entry) {
      return entry.second.admitted && confirmed(entry.second);
    });
  }

  void prolong() {
    if (state_.phase != member_phase::live && state_.phase != member_phase::draining)
      return;
    if (state_.fixed.expected_peers == 0 && state_.peers.empty()) {
      effects_.emplace_back(permitted{mono_time::max()});
      return;
    }
    effects_.emplace_back(permitted{sure_since() + permit_time(state_.fixed)});
  }

  /// The time at which this node was surely not given up: now, or under `hold` the latest at which a majority
  /// answered.
  mono_time sure_since() const {
    if (!state_.fixed.hold)
      return now_;
    std::vector<mono_time> answers{now_};
    for (const auto& [name, each] : state_.peers)
      if (votes(each))
        answers.push_back(each.confirmed_at);
    std::sort(answers.rbegin(), answers.rend());
    const auto needed = state_.fixed.size / 2; // with this node: one more than half
    return needed < answers.size() ? answers[needed] : mono_time{};
  }

  state state_;
  mono_time now_;
  std::vector<effect> effects_;
};

} // namespace

state start(settings fixed, mono_time now) {
  state made;
  made.fixed = std::move(fixed);
  made.joining_since = now;
  made.last_step = now;
  made.doubted_at = mono_time::min();
  return made;
}

outcome step(state before, const event& what, mono_time now) {
  machine running{std::move(before), now};
  std::visit(running, what);
  return running.finish_step();
}

std::vector<placement::member> owners(const state& now) {
  const auto weight = [](const peer_identity& who, member_phase phase) {
    return placement::member{who.name, phase == member_phase::live ? who.weight : 0};
  };
  std::vector<placement::member> all{weight(now.fixed.self, now.phase)};
  for (const auto& [name, each] : now.peers)
    if (each.admitted)
      all.push_back(weight(each.identity, each.status.phase));
  return all;
}

placement::load callers(const state& now, std::uint64_t ours) {
  placement::load all{{now.fixed.self.name, ours}};
  for (const auto& [name, each] : now.peers)
    all[name] = each.status.callers;
  return all;
}

std::vector<peer_identity> links(const state& now) {
  std::vector<peer_identity> all;
  for (const auto& [name, each] : now.peers)
    all.push_back(each.identity);
  return all;
}

std::vector<node_name> members(const state& now) {
  std::vector<node_name> all;
  for (const auto& [name, each] : now.peers)
    if (each.admitted)
      all.push_back(name);
  return all;
}

bool may_open(const state& state, mono_time now) {
  return !state.fixed.hold || (decides(state) && now - state.contested_at >= state.fixed.silence);
}

bool decides(const state& now) {
  return now.phase == member_phase::live || now.phase == member_phase::draining;
}

} // namespace plenary::membership
