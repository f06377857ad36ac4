#include "actors/webhook/retry_schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <ctime>
#include <string>

namespace plenary {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::chrono::seconds, 9> delays{5s, 5min, 30min, 2h, 5h, 10h, 14h, 20h, 24h};
constexpr double jitter_share = 0.2;

/// Longest wait that a server may ask for: the longest step of the schedule.
constexpr std::chrono::seconds max_retry_after = delays.back();

/// The three forms of RFC 9110 section 5.6.7.
constexpr std::array date_formats{"%a, %d %b %Y %H:%M:%S GMT", "%A, %d-%b-%y %H:%M:%S GMT",
                                  "%a %b %d %H:%M:%S %Y"};

/// In whole seconds: nanoseconds since the epoch end in the year 2262.
std::optional<std::chrono::seconds> parse_http_date(const std::string& text) {
  for (const auto* format : date_formats) {
    std::tm fields{};
    const auto* end = strptime(text.c_str(), format, &fields);
    if (end != nullptr && *end == '\0')
      return std::chrono::seconds{timegm(&fields)};
  }
  return std::nullopt;
}

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  bool digits =
      !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits)
    return std::nullopt;
  std::int64_t value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code == std::errc::result_out_of_range)
    return max_retry_after;
  return std::chrono::seconds{value};
}

} // namespace

int max_delivery_attempts() {
  return static_cast<int>(delays.size()) + 1;
}

std::optional<std::chrono::milliseconds> retry_delay(int attempts_made, double jitter) {
  if (attempts_made < 1 || attempts_made >= max_delivery_attempts())
    return std::nullopt;
  std::chrono::duration<double, std::milli> delay = delays[static_cast<std::size_t>(attempts_made) - 1];
  return std::chrono::ceil<std::chrono::milliseconds>(delay *
                                                      (1 + jitter_share * std::clamp(jitter, 0.0, 1.0)));
}

std::optional<std::chrono::seconds> parse_retry_after(std::string_view text, wall_time now) {
  auto wait = parse_seconds(text);
  if (!wait) {
    if (text.find('\0') != std::string_view::npos)
      return std::nullopt;
    auto date = parse_http_date(std::string{text});
    if (!date)
      return std::nullopt;
    wait = *date - std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
  }
  return std::clamp(*wait, 0s, max_retry_after);
}

} // namespace plenary
