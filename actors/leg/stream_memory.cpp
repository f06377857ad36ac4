#include "actors/leg/stream_memory.hpp"

#include <algorithm>
#include <vector>

namespace plenary {

mono_time stream_memory::see(const audio::endpoint& from, std::uint32_t ssrc, mono_time now) {
  if (auto found = streams_.find(from); found != streams_.end()) {
    auto& known = found->second;
    if (now - known.latest >= quiet)
      known.began = now;
    known.ssrc = ssrc;
    known.latest = now;
    return known.began;
  }
  make_room(false, now);
  streams_[from] = {ssrc, now, now, false};
  return now;
}

void stream_memory::keep(const audio::endpoint& from, std::optional<std::uint32_t> ssrc, mono_time now) {
  forget(from);
  make_room(true, now);
  streams_[from] = {ssrc, mono_time::min(), now, true};
  ++ended_;
}

void stream_memory::forget(const audio::endpoint& from) {
  auto found = streams_.find(from);
  if (found == streams_.end())
    return;
  ended_ -= found->second.ended ? 1 : 0;
  streams_.erase(found);
}

bool stream_memory::was_sent_elsewhere(std::uint32_t ssrc, const audio::endpoint& from, mono_time then,
                                       mono_time now) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const auto& entry) {
    const auto& [where, known] = entry;
    return known.ssrc == ssrc && where != from && known.began < then && now - known.latest < quiet;
  });
}

/// One more of this kind has a place; when there is none, the half that was heard longest ago goes at once,
/// so that a flood of new addresses costs little.
void stream_memory::make_room(bool ended, mono_time now) {
  if ((ended ? ended_ : streams_.size() - ended_) < (ended ? max_ended : max_strangers))
    return;
  std::vector<mono_time> heard;
  for (const auto& [where, known] : streams_)
    if (known.ended == ended)
      heard.push_back(known.latest);
  const auto middle = heard.begin() + static_cast<std::ptrdiff_t>(heard.size() / 2);
  std::nth_element(heard.begin(), middle, heard.end());
  std::size_t surplus = heard.size() / 2; // many may have been heard at one time
  std::erase_if(streams_, [&](const auto& entry) {
    const auto& known = entry.second;
    const bool goes =
        now - known.latest >= quiet || (known.ended == ended && known.latest <= *middle && surplus > 0);
    surplus -= goes && known.ended == ended && surplus > 0 ? 1 : 0;
    ended_ -= goes && known.ended ? 1 : 0;
    return goes;
  });
}

} // namespace plenary
