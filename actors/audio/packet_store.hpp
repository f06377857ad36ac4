#pragma once

#include "actors/audio/media_clock.hpp"
#include "actors/audio/packet_ring.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace plenary::audio {

/// A packet that waits for its playout.
struct stored_packet {
  std::int64_t sequence = 0;         ///< extended: it never wraps
  sample_count position = 0;         ///< of its first sample on the stream's time line
  std::uint32_t duration = 0;        ///< samples; 0: no sound inside
  std::uint8_t codec = 0;            ///< the caller's index
  bool quiet = false;                ///< DTX: its duration is silence
  std::optional<std::uint8_t> level; ///< RFC 6464, -dBov
  std::optional<bool> voice;         ///< see decoder::voice()
  std::optional<std::uint8_t> noise; ///< comfort noise of this level follows, -dBov (RFC 3389)
  std::uint16_t size = 0;            ///< payload bytes
  tone_mark tone{};                  ///< not to be heard; `before` means nothing here
  std::uint8_t first_block = 0;      ///< the store's
};

/// Packets in the order of their sequence numbers, in fixed memory: 112 blocks of 160 bytes hold 2 s of
/// G.711.
class packet_store {
public:
  static constexpr std::size_t block_size = 160;
  static constexpr std::size_t block_count = 112;
  static constexpr std::size_t max_payload = 1500;

  enum class outcome { stored, duplicate, no_room };

  packet_store();

  /// Stores a packet; its `size` and `first_block` are set here.
  outcome insert(stored_packet packet, std::span<const std::uint8_t> payload);

  bool empty() const { return count_ == 0; }
  std::size_t size() const { return count_; }

  /// The `index`-th packet, 0 is the oldest.
  const stored_packet& at(std::size_t index) const { return packets_[order_[index]]; }

  /// The payload of the `index`-th packet; `scratch` is used when it is longer than a block.
  std::span<const std::uint8_t> payload(std::size_t index,
                                        std::span<std::uint8_t, max_payload> scratch) const;

  /// Marks what [from, to) of the stream's time line has of the packets that wait as a tone.
  void mark_tone(sample_count from, sample_count to);

  /// Drops the oldest packet.
  void pop_front();

  void clear();

private:
  std::array<std::array<std::uint8_t, block_size>, block_count> blocks_;
  std::array<std::uint8_t, block_count> next_{};   ///< the block after each one
  std::array<stored_packet, block_count> packets_; ///< at the index of its first block
  std::array<std::uint8_t, block_count> order_{};  ///< oldest first
  std::size_t count_ = 0;
  std::size_t free_count_ = 0;
  std::uint8_t first_free_ = 0;
};

} // namespace plenary::audio
