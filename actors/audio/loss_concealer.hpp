#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace plenary::audio {

/// Fills gaps of a codec that has no concealment of its own: repeats the latest pitch period, 4 dB quieter
/// after 60 ms (the caller ends it), and blends the sound after the gap in (after ITU-T G.711 appendix I,
/// without its delay).
class loss_concealer {
public:
  /// Sampling rate in Hz, 8000 or 16000.
  explicit loss_concealer(int rate);

  /// Remembers decoded sound; after a gap its first milliseconds are blended with the concealment.
  void received(std::span<std::int16_t> pcm);

  /// Fills a gap; call it again for a longer one.
  void fill(std::span<std::int16_t> pcm);

  /// Forgets the past.
  void reset();

private:
  static constexpr std::size_t max_history = 16000 * 35 / 1000; ///< 20 ms to compare, 15 ms longest period

  void start_gap();
  std::size_t find_period() const;
  std::int16_t next_sample();

  std::size_t rate_;
  std::size_t history_size_;
  std::array<std::int16_t, max_history> history_{}; ///< oldest first; only `history_size_` are used
  std::array<float, max_history> period_samples_{};
  std::size_t period_ = 0;
  std::size_t offset_ = 0;
  std::size_t missing_ = 0; ///< samples since the gap began
};

} // namespace plenary::audio
