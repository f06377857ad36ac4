#pragma once

#include "schema/ids.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

namespace plenary::audio {

/// What of a packet's sound is the tone of a telephone key: samples at the mixing rate.
struct tone_mark {
  std::uint16_t from = 0; ///< [from, to) of the packet
  std::uint16_t to = 0;
  std::uint16_t before = 0; ///< as many samples before the packet are the tone too: it was just recognised

  bool any() const { return from < to; }
  friend bool operator==(const tone_mark&, const tone_mark&) = default;
};

/// What the jitter buffer needs of a received RTP packet (RFC 3550 section 5.1).
struct packet_info {
  mono_time arrival{};
  std::uint32_t timestamp = 0;
  std::uint32_t ssrc = 0;
  std::uint16_t sequence_number = 0;
  std::uint8_t payload_type = 0;
  bool marker = false;
  std::optional<std::uint8_t> level; ///< RFC 6464, -dBov
  tone_mark tone{};                  ///< not to be heard
};

/// Packets on their way from the receive thread (one producer) to the tick (one consumer): a lock-free byte
/// ring that never allocates after construction.
class packet_ring {
public:
  /// Bytes kept at most; 16 KiB hold 1.8 s of G.711.
  explicit packet_ring(std::size_t capacity_bytes = 16 * 1024);
  ~packet_ring();
  packet_ring(const packet_ring&) = delete;
  packet_ring& operator=(const packet_ring&) = delete;

  /// Producer: false when full; the packet is then lost and `overflows()` grows.
  bool push(const packet_info& info, std::span<const std::uint8_t> payload);

  /// A packet in place; `payload` is valid until pop().
  struct view {
    packet_info info;
    std::span<const std::uint8_t> payload;
  };

  /// Consumer: knows whether anything came since the ring was empty, at the price of one cache line.
  class lookout {
  public:
    bool anything_new() const { return written_->load(std::memory_order_acquire) != read_; }

  private:
    friend packet_ring;
    lookout(const std::atomic<std::uint64_t>& written, std::uint64_t read)
        : written_(&written)
        , read_(read) {}

    const std::atomic<std::uint64_t>* written_;
    std::uint64_t read_;
  };

  /// Consumer: a lookout for the packets after the latest pop(); it must not outlive the ring.
  lookout watch() const;

  /// Consumer: the oldest packet, or nothing.
  std::optional<view> front();

  /// Consumer: drops the packet that front() showed.
  void pop();

  std::uint64_t overflows() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace plenary::audio
