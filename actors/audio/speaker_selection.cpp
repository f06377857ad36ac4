#include "actors/audio/speaker_selection.hpp"

#include <algorithm>

namespace plenary::audio {
namespace {

bool precedes(const contender& a, const contender& b) {
  const dbov rank_a = a.loudness + (a.holds_place ? holder_bonus : 0);
  const dbov rank_b = b.loudness + (b.holds_place ? holder_bonus : 0);
  if (rank_a != rank_b)
    return rank_a > rank_b;
  return a.number != b.number ? a.number < b.number : a.speaker < b.speaker;
}

} // namespace

speaker_selection::speaker_selection(std::size_t places)
    : places_(places) {
  chosen_.reserve(places + 1);
}

std::optional<contender> speaker_selection::enter(const contender& candidate) {
  chosen_.insert(std::upper_bound(chosen_.begin(), chosen_.end(), candidate, precedes), candidate);
  if (chosen_.size() <= places_)
    return std::nullopt;
  const auto last = chosen_.back();
  chosen_.pop_back();
  return last;
}

} // namespace plenary::audio
