#pragma once

#include "actors/edge/log.hpp"

#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

namespace plenary {

/// Longest line, with its newline; POSIX writes that many bytes to a pipe in one piece or not at all
/// (PIPE_BUF).
inline constexpr std::size_t max_log_line = 4096;

/// Longest text value of one field; the rest is cut off.
inline constexpr std::size_t max_log_value = 1024;

/// Writes each event as one line of JSON: `ts`, `level`, `event`, then the fields in their order. A line
/// that the reader of the descriptor is too slow for is dropped and counted; the next line that gets
/// through is preceded by the event `log_lines_dropped`.
class json_logger final : public logger {
public:
  /// Events below `least` are not written. The descriptor stays the caller's.
  explicit json_logger(log_level least, int descriptor = STDERR_FILENO);

  void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) override;

  /// Events below `least` are not written from now on; safe from every thread.
  void set_least(log_level least) { least_ = least; }

  /// Lines lost since the start, told or not.
  std::uint64_t dropped() const;

private:
  bool put(const std::string& line);
  void tell_dropped();

  std::atomic<log_level> least_;
  const int descriptor_;
  mutable std::mutex mutex_;
  std::uint64_t dropped_ = 0;
  std::uint64_t untold_ = 0;
};

/// The line of one event with its newline, at most `max_log_line` bytes; fields that do not fit are left
/// out and `"truncated":true` ends the line. Text that is not UTF-8 gets U+FFFD in its place.
std::string log_line(std::string_view timestamp, log_level level, std::string_view event,
                     std::initializer_list<log_field> fields);

} // namespace plenary
