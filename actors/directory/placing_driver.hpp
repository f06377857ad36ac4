#pragma once

#include "actors/directory/placing.hpp"

#include <deque>
#include <utility>

namespace plenary::placing {

/// Keeps the machine's state and feeds it events, one after the other: an event that an effect brings about
/// waits until all effects of the one before are done.
class driver {
public:
  explicit driver(state start)
      : state_(std::move(start)) {}

  const state& operator*() const { return state_; }
  const state* operator->() const { return &state_; }

  /// `read_clocks()` gives the moment of each step, `perform(effect)` is called for each effect, in order.
  template <class ReadClocks, class Perform>
  void step(event what, ReadClocks read_clocks, Perform perform) {
    waiting_.push_back(std::move(what));
    if (waiting_.size() > 1)
      return;
    while (!waiting_.empty()) {
      auto outcome = placing::step(std::move(state_), waiting_.front(), read_clocks());
      state_ = std::move(outcome.next);
      for (const auto& each : outcome.effects)
        std::visit(perform, each);
      waiting_.pop_front();
    }
  }

private:
  state state_;
  std::deque<event> waiting_; ///< the first one is being performed
};

} // namespace plenary::placing
