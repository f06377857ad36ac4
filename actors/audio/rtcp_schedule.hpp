#pragma once

#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>

namespace plenary::audio {

/// When the RTCP reports on a stream are due (RFC 3550 sections 6.2 and 6.3): each interval is drawn anew
/// from half to one and a half of its period, and once more when it is over (section 6.3.6), so that reports
/// that began together do not stay together. Pure: the seed decides.
class rtcp_schedule {
public:
  static constexpr std::chrono::milliseconds period{5000};
  static constexpr std::chrono::milliseconds early_period{1000}; ///< of the first five seconds

  /// Longest time between two reports of a period, for those who wait for them.
  static constexpr std::chrono::milliseconds longest(std::chrono::milliseconds of) {
    return std::chrono::milliseconds{
        static_cast<std::int64_t>(1.5 * static_cast<double>(of.count()) / compensation) + 1};
  }

  rtcp_schedule(std::uint64_t seed, mono_time began);

  /// True when a report is to be sent now; the time of the next one is drawn then.
  bool take(mono_time now);
  /// Nothing is due before.
  mono_time next() const { return next_; }

private:
  /// e - 3/2: what makes up for drawing twice (RFC 3550 section 6.3.1).
  static constexpr double compensation = 2.718281828459045 - 1.5;

  mono_time::duration draw(mono_time now);

  std::uint64_t state_;
  mono_time began_;
  mono_time latest_;
  mono_time next_;
};

} // namespace plenary::audio
