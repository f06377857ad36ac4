#pragma once

#include "actors/audio/codec.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

namespace plenary::audio {

/// Decoded samples that wait for their tick, in one piece of fixed memory.
class sample_fifo {
public:
  /// One longest packet behind two ticks and one stretched pitch period.
  static constexpr std::size_t capacity = decoder::max_samples + 2 * frame_samples + 720;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<std::int16_t> samples() { return std::span(store_).first(size_); }

  /// The free space behind the samples; write there, then call grow().
  std::span<std::int16_t> space() { return std::span(store_).subspan(size_); }
  void grow(std::size_t samples) { size_ = std::min(size_ + samples, capacity); }

  /// Drops the oldest samples, as many as there are.
  void drop(std::size_t samples) { erase(0, std::min(samples, size_)); }

  /// Takes `count` samples out at `start`; both must lie inside.
  void erase(std::size_t start, std::size_t count) {
    std::copy(at(start + count), at(size_), at(start));
    size_ -= count;
  }

  /// Makes a hole of `count` samples at `start`; both must fit.
  void open(std::size_t start, std::size_t count) {
    std::copy_backward(at(start), at(size_), at(size_ + count));
    size_ += count;
  }

private:
  std::int16_t* at(std::size_t index) { return store_.data() + index; }

  std::array<std::int16_t, capacity> store_;
  std::size_t size_ = 0;
};

} // namespace plenary::audio
