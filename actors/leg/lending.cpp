#include "actors/leg/lending.hpp"

#include <utility>

namespace plenary::lending {

namespace {

/// One step's work on the state, collecting effects.
class lender_step {
public:
  explicit lender_step(state before)
      : state_(std::move(before)) {}

  outcome finish() { return {std::move(state_), std::move(effects_)}; }

  void operator()(const enter& what) {
    if (state_.now != phase::free)
      return;
    state_.wanted = what.what;
    state_.bounces = 0;
    state_.leaves = false;
    ask_directory();
  }

  void operator()(const found& what) {
    if (!is_at(phase::asking, what.turn))
      return;
    state_.now = phase::lent;
    emit(lend{state_.turn});
  }

  void operator()(const not_found& what) {
    if (!is_at(phase::asking, what.turn))
      return;
    state_.now = phase::free;
    emit(answer{tl::unexpected<error>(what.why)});
  }

  void operator()(const admitted& what) {
    if (is_at(phase::withdrawn, what.turn))
      return emit(watch{});
    if (!is_at(phase::lent, what.turn))
      return;
    state_.now = phase::in;
    emit(watch{});
    for (const auto& each : state_.changes)
      emit(send_on{state_.turn, each});
    emit(answer{what.where});
    if (state_.leaves)
      begin_leaving();
  }

  void operator()(const refused& what) {
    if (is_at(phase::withdrawn, what.turn))
      return come_back();
    if (!is_at(phase::lent, what.turn))
      return;
    come_back();
    emit(answer{tl::unexpected<error>(what.why)});
  }

  void operator()(const bounced& what) {
    if (is_at(phase::withdrawn, what.turn))
      return come_back();
    if (!is_at(phase::lent, what.turn))
      return;
    come_back();
    if (++state_.bounces < most_bounces)
      return ask_directory();
    emit(answer{fail(errc::conference_unavailable, "the room ended again and again")});
  }

  void operator()(const overdue& what) {
    if (is_at(phase::lent, what.turn))
      withdraw("the room did not answer");
  }

  void operator()(const leave&) {
    if (state_.now == phase::in)
      begin_leaving();
    else
      state_.leaves = state_.leaves || state_.now == phase::asking || state_.now == phase::lent;
  }

  void operator()(const removed& what) {
    if (!is_with_a_room())
      return;
    emit(unwatch{});
    end_stay(what.reason);
  }

  void operator()(const lost&) {
    if (is_with_a_room())
      end_stay(leave_reason::room_lost);
  }

  void operator()(const change& what) {
    if (state_.is_here())
      return emit(apply_here{what.what});
    state_.changes.push_back({++state_.last_change, what.what});
    if (state_.now == phase::in || state_.now == phase::leaving)
      emit(send_on{state_.turn, state_.changes.back()});
  }

  void operator()(const carried_out& what) {
    if (what.turn == state_.turn)
      std::erase_if(state_.changes, [&what](const auto& each) { return each.number <= what.number; });
  }

  void operator()(const close&) {
    if (state_.now == phase::in)
      begin_leaving();
    if (state_.now == phase::asking) {
      state_.now = phase::free;
      emit(answer{fail(errc::conference_unavailable, "the leg was closed")});
    }
    if (state_.now == phase::lent)
      withdraw("the leg was closed");
  }

private:
  template <class Effect>
  void emit(Effect what) {
    effects_.emplace_back(std::move(what));
  }

  bool is_at(phase where, std::uint64_t turn) const { return state_.now == where && state_.turn == turn; }

  bool is_with_a_room() const {
    return state_.now == phase::in || state_.now == phase::leaving || state_.now == phase::withdrawn;
  }

  void ask_directory() {
    state_.now = phase::asking;
    emit(ask{++state_.turn});
  }

  void begin_leaving() {
    state_.now = phase::leaving;
    emit(take_leave{});
  }

  /// The room may let the leg in all the same: the stream stays away until it has let it go.
  void withdraw(const char* why) {
    state_.now = phase::withdrawn;
    emit(take_leave{});
    emit(answer{fail(errc::conference_unavailable, why)});
  }

  void end_stay(leave_reason reason) {
    const bool told = state_.now != phase::withdrawn;
    come_back();
    if (told)
      emit(tell_left{reason});
  }

  void come_back() {
    state_.now = phase::free;
    emit(take_back{});
    for (auto& each : std::exchange(state_.changes, {}))
      emit(apply_here{std::move(each.what)});
  }

  state state_;
  std::vector<effect> effects_;
};

} // namespace

outcome step(state before, const event& what) {
  lender_step work{std::move(before)};
  std::visit(work, what);
  return work.finish();
}

} // namespace plenary::lending
