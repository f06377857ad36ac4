#pragma once

#include <optional>
#include <utility>
#include <variant>
#include <vector>

namespace plenary {

/// What a machine's step wants to be done, in order; `Effect` is a variant. Values that say what they want
/// give one effect, perhaps none, or one of several.
template <class Effect>
class effect_list {
public:
  template <class What>
  void add(What what) {
    all_.emplace_back(std::move(what));
  }
  template <class What>
  void add(std::optional<What> what) {
    if (what)
      add(std::move(*what));
  }
  template <class... Each>
  void add(std::variant<Each...> what) {
    std::visit([this](auto& each) { this->add(std::move(each)); }, what);
  }

  /// Gives them away, at the end of the step.
  std::vector<Effect> take() { return std::move(all_); }

private:
  std::vector<Effect> all_;
};

} // namespace plenary
