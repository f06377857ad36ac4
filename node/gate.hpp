#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace plenary {

/// Between threads that are no actors and the actors that they tell things: what comes before the actors are
/// there is made up for in order, what comes after they were let go is not carried out. From any thread; what
/// is carried out must not come back to the gate.
///
///   [early: keeps] --open--> [open: carries out] --close--> [closed: refuses]
template <class Target>
class gate {
public:
  /// From now on everything is carried out; what was kept goes first.
  void open(Target target) {
    std::lock_guard lock(mutex_);
    target_ = std::move(target);
    for (auto& what : std::exchange(early_, {}))
      what(*target_);
  }

  /// Lets go of the target, for good; what was kept is dropped.
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    target_.reset();
    early_.clear();
  }

  /// Carries out `what(target)` now, or once the gate is open; false when it is closed.
  template <class What>
  bool pass(What what) {
    std::lock_guard lock(mutex_);
    if (closed_)
      return false;
    if (target_)
      what(*target_);
    else
      early_.emplace_back(std::move(what));
    return true;
  }

  /// The target, for what cannot wait; nothing unless the gate is open.
  std::optional<Target> target() const {
    std::lock_guard lock(mutex_);
    return target_;
  }

private:
  mutable std::mutex mutex_;
  std::optional<Target> target_;
  bool closed_ = false;
  std::vector<std::function<void(Target&)>> early_;
};

} // namespace plenary
