#include "schema/json.hpp"

#include "schema/foreign_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace plenary {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t max_shown_name = 64;

using parse_event = nlohmann::json::parse_event_t;

/// Thrown inside the parser's callback only; never leaves this file.
struct rejected {
  error reason;
};

/// Sees every parser event and rejects duplicate members, deep nesting and too many members.
class strict_checks {
public:
  explicit strict_checks(const json_limits& limits)
      : limits_(limits) {}

  bool operator()(int depth, parse_event event, nlohmann::json& parsed) {
    switch (event) {
    case parse_event::object_start:
      check_depth(depth);
      members_.emplace_back();
      break;
    case parse_event::array_start:
      check_depth(depth);
      break;
    case parse_event::object_end:
      members_.pop_back();
      break;
    case parse_event::key:
      check_member(parsed.get<std::string>());
      break;
    default:
      break;
    }
    return true;
  }

private:
  void check_depth(int depth) const {
    if (depth >= limits_.max_depth)
      throw rejected{
          {errc::limit_reached, fmt::format("JSON is nested deeper than {} levels", limits_.max_depth)}};
  }

  void check_member(const std::string& name) {
    if (++count_ > limits_.max_members)
      throw rejected{
          {errc::limit_reached, fmt::format("JSON has more than {} members", limits_.max_members)}};
    if (!members_.back().insert(name).second)
      throw rejected{{errc::malformed, fmt::format("JSON member \"{}\" stands twice in one object",
                                                   cut_foreign_text(name, max_shown_name))}};
  }

  json_limits limits_;
  std::size_t count_ = 0;
  std::vector<std::set<std::string>> members_;
};

/// The parser's own words hold the text that it could not read; the place is all that people need.
std::string place_of(std::string_view text, std::size_t bytes_read) {
  const auto before = text.substr(0, bytes_read > 0 ? bytes_read - 1 : 0);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const auto last_break = before.rfind('\n');
  const auto column = before.size() - (last_break == std::string_view::npos ? 0 : last_break + 1) + 1;
  return fmt::format("no valid JSON: line {}, column {}", line, column);
}

} // namespace

result<nlohmann::json> parse_json(std::string_view text, const json_limits& limits) {
  if (text.size() > limits.max_bytes)
    return fail(errc::limit_reached,
                fmt::format("JSON of {} bytes, the limit is {}", text.size(), limits.max_bytes));
  if (text.find('\0') != std::string_view::npos)
    return fail(errc::malformed, "JSON holds a NUL byte");
  if (text.starts_with(byte_order_mark))
    text.remove_prefix(byte_order_mark.size());
  try {
    return nlohmann::json::parse(text, strict_checks{limits});
  } catch (const rejected& why) {
    return tl::unexpected<error>(why.reason);
  } catch (const nlohmann::json::parse_error& why) {
    return fail(errc::malformed, place_of(text, why.byte));
  } catch (const nlohmann::json::exception&) {
    return fail(errc::malformed, "no valid JSON: a number is out of range");
  }
}

std::string to_text(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace plenary
