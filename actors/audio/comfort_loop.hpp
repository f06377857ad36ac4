#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/noise_table.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace plenary::audio {

/// A room's steady noise in packets of one encoding, encoded ahead at each of its levels, so that a silent
/// room encodes nothing. Opus loops are wideband SILK: a decoder goes on with such noise by itself until the
/// next packet (RFC 6716 section 4.4, libopus's comfort noise).
class comfort_loop {
public:
  /// The loop of an encoding: made by the first who asks (some milliseconds) and shared by all rooms of the
  /// process; thread safe. Null when `wanted` is false. Fails with `internal` when there is no such encoder.
  static result<const comfort_loop*> of(const encoding& format, bool wanted);

  /// What is sent on the tick with which a packet ends.
  struct packet {
    std::span<const std::uint8_t> first;
    std::span<const std::uint8_t> second; ///< of two packets of 10 ms
  };

  /// The packet that ends with tick `number`, at `noise_steps[step]`.
  packet at(std::size_t step, std::uint64_t number) const;

  /// An Opus packet without sound (RFC 6716 section 3.1): from here on the decoder makes noise by itself.
  std::span<const std::uint8_t> pause() const { return pause_; }

private:
  struct piece {
    std::size_t begin = 0;
    std::size_t first = 0; ///< bytes
    std::size_t second = 0;
  };

  explicit comfort_loop(const encoding& format);
  static result<std::unique_ptr<comfort_loop>> make(const encoding& format);
  void record(encoder& codec, std::size_t step, const encoding& format);

  std::size_t frames_; ///< ticks that a packet lasts
  std::array<std::vector<piece>, noise_steps.size()> pieces_;
  std::vector<std::uint8_t> bytes_;
  std::array<std::uint8_t, 1> pause_{};
};

} // namespace plenary::audio
