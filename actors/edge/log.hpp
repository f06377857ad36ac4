#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace plenary {

enum class log_level { debug, info, warning, error };

/// One member of a log line. Values are written as JSON; never pass a secret. Every line that is about a call
/// names it by `call`; with an empty value that member is left out.
struct log_field {
  std::string_view name; ///< snake_case, for example `call`, `room`, `code`
  std::variant<std::string_view, std::int64_t, double, bool> value;
};

/// Writes structured lines; safe to call from every thread except the audio path.
class logger {
public:
  virtual ~logger() = default;

  /// `event` is a snake_case name from a closed set, for example `call_answered`.
  virtual void write(log_level level, std::string_view event, std::initializer_list<log_field> fields) = 0;

  void debug(std::string_view event, std::initializer_list<log_field> fields = {}) {
    write(log_level::debug, event, fields);
  }
  void info(std::string_view event, std::initializer_list<log_field> fields = {}) {
    write(log_level::info, event, fields);
  }
  void warning(std::string_view event, std::initializer_list<log_field> fields = {}) {
    write(log_level::warning, event, fields);
  }
  void error(std::string_view event, std::initializer_list<log_field> fields = {}) {
    write(log_level::error, event, fields);
  }
};

} // namespace plenary
