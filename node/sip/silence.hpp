#pragma once

#include <cstdint>

namespace plenary::sip_layer {

/// Packets that libre could not decode since the last call, on this thread.
std::uint64_t take_undecodable_packets();

} // namespace plenary::sip_layer
