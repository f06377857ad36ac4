#pragma once

#include "schema/ids.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace plenary {

/// How a caller's key press was told to us.
enum class digit_source : std::uint8_t {
  event, ///< telephone-event packets (RFC 4733)
  tone   ///< heard in the sound
};

/// One press of a key as one source tells it.
struct key_press {
  char digit = '0'; ///< 0-9, `*`, `#`, A-D
  digit_source source = digit_source::event;
  mono_time start{};
  mono_time end{};
};

/// Makes one press of the same press that several sources tell. Two presses of one source are never the same;
/// of two sources those of the same digit are that overlap in time, or that are less than 80 ms apart and
/// have no other partner. Remembers the latest few.
class digit_merger {
public:
  /// Time between what two sources tell of one press, at most: gateways that take tones out of the sound let
  /// their first 40 ms pass.
  static constexpr std::chrono::milliseconds most_apart{80};

  /// True when nobody has told of the press yet.
  bool is_new(const key_press& press);

private:
  struct told_press {
    key_press press;
    std::uint8_t sources = 0; ///< a bit for each source that told of it
  };

  told_press* partner_of(const key_press& press);

  std::array<told_press, 8> told_{}; ///< a ring
  std::size_t next_ = 0;
};

} // namespace plenary
