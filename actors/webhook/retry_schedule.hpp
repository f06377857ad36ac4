#pragma once

#include "schema/ids.hpp"

#include <chrono>
#include <optional>
#include <string_view>

namespace plenary {

/// Attempts that are made before an event becomes a dead letter.
int max_delivery_attempts();

/// Time from the failed attempt number `attempts_made` (1, 2, ...) to the next: 5 s, 5 min, 30 min, 2 h, 5 h,
/// 10 h, 14 h, 20 h, 24 h, each lengthened by `jitter` (0 to 1) times 20 %. Nothing after the last attempt.
std::optional<std::chrono::milliseconds> retry_delay(int attempts_made, double jitter);

/// Seconds from `now` that a Retry-After value asks for (RFC 9110 section 10.2.3: a number or an HTTP date),
/// at most a day; nothing for other text.
std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, wall_time now);

} // namespace plenary
