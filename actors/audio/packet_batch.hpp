#pragma once

#include "actors/audio/endpoint.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace plenary::audio {

/// Which of the node's media ports a packet leaves from.
using port_index = std::uint16_t;

/// Packets of one tick, ready for the wire. Plain RTP payloads are referenced, not copied; protected packets
/// live in the batch's own arena. Nothing allocates as long as reserve() covered the packets.
class packet_batch {
public:
  /// Longest header that is stored beside a referenced payload: 12 bytes (RFC 3550 section 5.1).
  static constexpr std::size_t header_size = 12;

  struct entry {
    endpoint to;
    port_index from = 0;
    std::array<std::uint8_t, header_size> header{};
    std::span<const std::uint8_t> payload; ///< for protected packets: the whole packet, and `whole` is set
    bool whole = false;
  };

  /// Makes room for `packets` packets of which `protected_packets` need up to `max_protected_bytes` each.
  /// Call it when a participant joins, never on the tick.
  void reserve(std::size_t packets, std::size_t protected_packets);

  /// Adds a packet whose payload is referenced.
  void add(const endpoint& to, port_index from, const std::array<std::uint8_t, header_size>& header,
           std::span<const std::uint8_t> payload);

  /// Space for one protected packet, or an empty span when the reserve is used up.
  std::span<std::uint8_t> space();

  /// Adds the packet that stands in the first `size` bytes of the latest space().
  void add_whole(const endpoint& to, port_index from, std::size_t size);

  std::span<const entry> entries() const { return entries_; }
  bool empty() const { return entries_.empty(); }
  void clear();

  /// Room for header, largest payload and SRTP's tag.
  static constexpr std::size_t max_protected_bytes = 1472;

private:
  std::vector<entry> entries_;
  std::vector<std::uint8_t> arena_;
  std::size_t arena_used_ = 0;
};

} // namespace plenary::audio
