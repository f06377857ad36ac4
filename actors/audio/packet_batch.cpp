#include "actors/audio/packet_batch.hpp"

namespace plenary::audio {

namespace {

// libsrtp reads headers as 32-bit words; max_protected_bytes is a multiple.
constexpr std::size_t word = 4;

} // namespace

void packet_batch::reserve(std::size_t packets, std::size_t protected_packets) {
  PLENARY_ASSERT(entries_.empty() && arena_used_ == 0); // entries point into the arena
  entries_.reserve(packets);
  arena_.resize(protected_packets * max_protected_bytes);
}

void packet_batch::add(const endpoint& to, port_index from,
                       const std::array<std::uint8_t, header_size>& header,
                       std::span<const std::uint8_t> payload) {
  entries_.push_back({.to = to, .from = from, .header = header, .payload = payload, .whole = false});
}

std::span<std::uint8_t> packet_batch::space() {
  if (arena_.size() - arena_used_ < max_protected_bytes)
    return {};
  return std::span(arena_).subspan(arena_used_, max_protected_bytes);
}

void packet_batch::add_whole(const endpoint& to, port_index from, std::size_t size) {
  PLENARY_ASSERT(size <= max_protected_bytes && arena_used_ + size <= arena_.size());
  const auto packet = std::span<const std::uint8_t>(arena_).subspan(arena_used_, size);
  entries_.push_back({.to = to, .from = from, .header = {}, .payload = packet, .whole = true});
  arena_used_ += (size + word - 1) / word * word;
}

void packet_batch::clear() {
  entries_.clear();
  arena_used_ = 0;
}

} // namespace plenary::audio
