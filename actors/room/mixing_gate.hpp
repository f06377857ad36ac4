#pragma once

#include <utility>

namespace plenary {

/// Whether a room mixes on a tick. Without the permit another node may be
/// mixing it: silence, and nothing old afterwards. Who learns in that silence
/// that the room lives elsewhere stays silent.
///
///               no permit; vacated, when it must never be mixed twice
///   [mixing] --------------------------------------------------------->
///   [paused]
///      ^-------------------- permit again, and not vacated -----------------+
class mixing_gate {
public:
  /// What to do with a tick. `pause` and `resume` begin a stretch of silence or
  /// of sound.
  enum class verdict { mix, resume, pause, rest };

  /// `never_twice`: a vacated room falls silent at once, for its successor may
  /// mix already.
  explicit mixing_gate(bool never_twice)
      : never_twice_(never_twice) {}

  verdict tick(bool permitted, bool vacated) {
    const bool may = permitted && !(vacated && (paused_ || never_twice_));
    const bool paused_before = std::exchange(paused_, !may);
    if (may)
      return paused_before ? verdict::resume : verdict::mix;
    return paused_before ? verdict::rest : verdict::pause;
  }

private:
  bool never_twice_;
  bool paused_ = false;
};

} // namespace plenary
