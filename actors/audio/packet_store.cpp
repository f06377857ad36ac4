#include "actors/audio/packet_store.hpp"

#include <algorithm>

namespace plenary::audio {

namespace {

constexpr std::size_t blocks_for(std::size_t bytes) {
  return std::max<std::size_t>(1, (bytes + packet_store::block_size - 1) / packet_store::block_size);
}

} // namespace

packet_store::packet_store() {
  clear();
}

packet_store::outcome packet_store::insert(stored_packet packet, std::span<const std::uint8_t> payload) {
  auto place = count_;
  while (place > 0 && at(place - 1).sequence > packet.sequence)
    --place;
  if (place > 0 && at(place - 1).sequence == packet.sequence)
    return outcome::duplicate;
  if (payload.size() > max_payload || blocks_for(payload.size()) > free_count_)
    return outcome::no_room;
  packet.size = static_cast<std::uint16_t>(payload.size());
  packet.first_block = first_free_;
  for (auto wanted = blocks_for(payload.size()); wanted > 0; --wanted) {
    const auto part = payload.first(std::min(payload.size(), block_size));
    std::copy(part.begin(), part.end(), blocks_[first_free_].begin());
    payload = payload.subspan(part.size());
    first_free_ = next_[first_free_];
    --free_count_;
  }
  packets_[packet.first_block] = packet;
  std::copy_backward(order_.begin() + static_cast<std::ptrdiff_t>(place),
                     order_.begin() + static_cast<std::ptrdiff_t>(count_),
                     order_.begin() + static_cast<std::ptrdiff_t>(count_ + 1));
  order_[place] = packet.first_block;
  ++count_;
  return outcome::stored;
}

std::span<const std::uint8_t> packet_store::payload(std::size_t index,
                                                    std::span<std::uint8_t, max_payload> scratch) const {
  const auto& packet = at(index);
  auto block = packet.first_block;
  if (packet.size <= block_size)
    return std::span(blocks_[block]).first(packet.size);
  for (std::size_t copied = 0; copied < packet.size; copied += block_size) {
    const auto part = std::min(block_size, packet.size - copied);
    std::copy_n(blocks_[block].begin(), part, scratch.begin() + static_cast<std::ptrdiff_t>(copied));
    block = next_[block];
  }
  return scratch.first(packet.size);
}

void packet_store::mark_tone(sample_count from, sample_count to) {
  for (std::size_t i = 0; i < count_; ++i) {
    auto& packet = packets_[order_[i]];
    const auto start = std::max(from, packet.position) - packet.position;
    const auto end = std::min(to - packet.position, sample_count{packet.duration});
    if (start >= end)
      continue;
    const auto first = static_cast<std::uint16_t>(start);
    packet.tone.from = packet.tone.any() ? std::min(packet.tone.from, first) : first;
    packet.tone.to = std::max(packet.tone.to, static_cast<std::uint16_t>(end));
  }
}

void packet_store::pop_front() {
  const auto& packet = at(0);
  const auto blocks = blocks_for(packet.size);
  auto last = packet.first_block;
  for (auto more = blocks; more > 1; --more)
    last = next_[last];
  next_[last] = first_free_;
  first_free_ = packet.first_block;
  free_count_ += blocks;
  std::copy(order_.begin() + 1, order_.begin() + static_cast<std::ptrdiff_t>(count_), order_.begin());
  --count_;
}

void packet_store::clear() {
  for (std::size_t i = 0; i < block_count; ++i)
    next_[i] = static_cast<std::uint8_t>(i + 1);
  first_free_ = 0;
  free_count_ = block_count;
  count_ = 0;
}

} // namespace plenary::audio
