#include "actors/leg/source_latch.hpp"

namespace plenary {

source_latch::source_latch(const audio::endpoint& expected, mono_time now)
    : remote_(expected)
    , since_(now) {}

bool source_latch::accept(const packet& seen, mono_time now) {
  if (seen.from == remote_) {
    fix(seen, now);
    return true;
  }
  if (!may_move(seen, now)) {
    candidate_packets_ = 0;
    return false;
  }
  if (!count(seen))
    return false;
  remote_ = seen.from;
  fix(seen, now);
  return true;
}

bool source_latch::may_move(const packet& seen, mono_time now) const {
  if (!ssrc_)
    return now - since_ >= sdp_grace;
  return seen.ssrc == *ssrc_ && now - since_ >= rebinding_silence;
}

/// True when this is the last packet of a run of consecutive sequence numbers of one source.
bool source_latch::count(const packet& seen) {
  const bool follows = candidate_packets_ > 0 && seen.from == candidate_.from &&
                       seen.ssrc == candidate_.ssrc &&
                       seen.sequence_number == static_cast<std::uint16_t>(candidate_.sequence_number + 1);
  candidate_packets_ = follows ? candidate_packets_ + 1 : 1;
  candidate_ = seen;
  return candidate_packets_ >= consecutive_packets;
}

void source_latch::fix(const packet& seen, mono_time now) {
  since_ = now;
  ssrc_ = seen.ssrc;
  candidate_packets_ = 0;
}

} // namespace plenary
