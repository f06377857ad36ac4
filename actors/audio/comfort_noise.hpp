#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace plenary::audio {

/// The noise of a sender who is silent and says only how loud its background is (RFC 3389): white noise
/// through a low-pass, without the spectrum that it may describe. Nothing allocates.
class comfort_noise {
public:
  /// Quieter noise (-dBov) is silence: nobody hears it over a room.
  static constexpr std::uint8_t quietest = 68;

  /// Noise of this level in -dBov, 0 to 127, from now on; it comes and goes within milliseconds.
  void set(std::uint8_t level);

  /// No noise from now on; what add_to() is still given fades out.
  void stop();

  /// The level of the noise in -dBov; nothing when there is none.
  std::optional<std::uint8_t> level() const { return level_; }

  /// Adds the noise to sound at the mixing rate.
  void add_to(std::span<std::int16_t> pcm);

private:
  std::optional<std::uint8_t> level_;
  std::uint32_t random_ = 1;
  float target_ = 0;
  float gain_ = 0;
  float smoothed_ = 0;
};

} // namespace plenary::audio
