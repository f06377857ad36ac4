#pragma once

#include "actors/audio/packet_batch.hpp"

#include <cstdint>
#include <functional>

namespace plenary {

/// What became of a batch.
struct sent_counts {
  std::uint64_t sent = 0;
  std::uint64_t failed = 0; ///< not taken by the kernel (full buffer, unreachable); dropped
};

/// Sends a batch with as few system calls as possible: runs of packets of one port go by sendmmsg. Never
/// waits. Buffers are per thread and grow only with the largest batch.
sent_counts send_batch(const audio::packet_batch& batch,
                       const std::function<int(audio::port_index)>& socket_of);

} // namespace plenary
