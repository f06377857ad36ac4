#include "actors/directory/placing.hpp"

#include "actors/directory/placing_steps.hpp"

namespace plenary::placing {

namespace {

/// What each event means.
class machine final : placing_steps {
public:
  machine(state before, const moment& now)
      : placing_steps(std::move(before), now) {}

  outcome run(const event& what) {
    std::visit([this](const auto& each) { on(each); }, what);
    return finish();
  }

private:
  // -- the other nodes

  void on(const link_up& what) {
    const auto& name = what.identity.name;
    end_link(name);
    step_members(what);
    state_.peers[name] = {++state_.last_link, std::nullopt};
    emit(link_made{name});
    emit(status_changed{});
    emit(tell{name, {true, state_.table.ours(), {}}});
  }

  void on(const status_came& what) { step_members(what); }

  void on(const link_down& what) {
    end_link(what.peer);
    step_members(what);
    emit(status_changed{});
    pursue_all();
  }

  void on(const rooms_said& what) {
    if (!state_.peers.contains(what.from))
      return;
    if (is_member(what.from))
      learn(what.from, what.what);
    else
      keep_for_later(what.from, what.what);
    step_members(membership::rooms_known{what.from});
  }

  void on(const draining_set& what) { step_members(what); }

  void on(const tick& what) {
    step_members(what);
    state_.table.forget_orphans(now_.mono);
    emit(status_changed{});
    pursue_all();
    if (state_.members.phase == member_phase::draining)
      drain_rooms(rooms_a_tick);
  }

  // -- who wants to know

  void on(const want& what) {
    const bool held = state_.members.phase == member_phase::held;
    state_.wanted[what.number] = {what.key, now_.mono, false, !held};
    pursue(what.number);
  }

  void on(const asked& what) {
    std::visit([&](const auto& each) { serve(what, each); }, what.what);
  }

  void serve(const asked& from, const peer::locate_room& what) {
    if (const auto place = reachable_place(what.key))
      return emit(answer{from.question, peer_reply{*place}});
    if (!membership::decides(state_.members) || home_of(what.key) != self())
      return emit(
          answer{from.question, fail(errc::unavailable, "this node is not the home of the room's name")});
    open_somewhere(what.key, {false, from.question});
  }

  void serve(const asked& from, const peer::open_room& what) {
    const auto taken = take(from.from, what);
    emit(answer{from.question, taken.map([] { return peer_reply{peer::done{}}; })});
  }

  void serve(const asked& from, const peer::vacate_room& what) {
    if (!state_.table.is_ours(what.key, what.epoch)) {
      emit(stale_refused{});
      return emit(
          answer{from.question, fail(errc::stale, "this node does not own the room under that epoch")});
    }
    learn(what.to.owner, {false, {{what.key, what.to.epoch, state_.table.find(what.key)->created_at}}, {}});
    emit(answer{from.question, peer_reply{peer::done{}}});
  }

  void on(const answered& what) {
    auto known = state_.questions.extract(what.number);
    if (!known)
      return;
    const auto& question = known.mapped();
    switch (question.what) {
    case pending::kind::locate:
      return located(question.wanted, what.answer);
    case pending::kind::open:
      return opened_there(question, what.answer);
    case pending::kind::drain:
      return drained_there(question, what.answer);
    }
  }

  // -- rooms of this node

  void on(const room_emptied& what) {
    state_.table.release(what.key, what.epoch);
    const auto known = state_.rooms.find(what.key);
    if (known != state_.rooms.end() && known->second.epoch == what.epoch)
      state_.rooms.erase(known);
    tell_changes();
  }

  void on(const room_counted& what) {
    const auto known = state_.rooms.find(what.key);
    if (known != state_.rooms.end() && known->second.epoch == what.epoch)
      known->second.callers = what.callers;
  }

  void on(const vacated_ended&) {
    if (state_.vacated > 0)
      --state_.vacated;
    if (state_.members.phase == member_phase::draining)
      drain_rooms(0); // the next one takes its place
  }
};

} // namespace

state start(membership::settings fixed, mono_time now) {
  state fresh;
  fresh.table = room_table{fixed.self.name};
  fresh.members = membership::start(std::move(fixed), now);
  return fresh;
}

outcome step(state before, const event& what, const moment& now) {
  return machine{std::move(before), now}.run(what);
}

std::uint64_t callers_here(const state& now) {
  std::uint64_t callers = 0;
  for (const auto& [key, room] : now.rooms)
    callers += room.callers;
  return callers;
}

member_status status(const state& now, std::uint64_t calls) {
  return {now.members.phase,
          callers_here(now),
          now.rooms.size(),
          calls,
          membership::links(now.members),
          membership::members(now.members)};
}

} // namespace plenary::placing
