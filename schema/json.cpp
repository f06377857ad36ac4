#include "schema/json.hpp"

#include <set>
#include <string>
#include <vector>

namespace plenary {

namespace {

using parse_event = nlohmann::json::parse_event_t;

/// Thrown inside the parser's callback only; never leaves this file.
struct rejected {
  error reason;
};

/// Sees every parser event and rejects duplicate members and deep nesting.
class strict_checks {
public:
  explicit strict_checks(int max_depth)
      : max_depth_(max_depth) {}

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
    if (depth >= max_depth_)
      throw rejected{{errc::limit_reached, fmt::format("JSON is nested deeper than {} levels", max_depth_)}};
  }

  void check_member(const std::string& name) {
    if (!members_.back().insert(name).second)
      throw rejected{{errc::malformed, fmt::format("JSON member \"{}\" stands twice in one object", name)}};
  }

  int max_depth_;
  std::vector<std::set<std::string>> members_;
};

} // namespace

result<nlohmann::json> parse_json(std::string_view text, const json_limits& limits) {
  if (text.size() > limits.max_bytes)
    return fail(errc::limit_reached,
                fmt::format("JSON of {} bytes, the limit is {}", text.size(), limits.max_bytes));
  if (text.find('\0') != std::string_view::npos)
    return fail(errc::malformed, "JSON holds a NUL byte");
  if (text.starts_with("\xEF\xBB\xBF"))
    return fail(errc::malformed, "JSON starts with a byte order mark");
  try {
    return nlohmann::json::parse(text, strict_checks{limits.max_depth});
  } catch (const rejected& why) {
    return tl::unexpected<error>(why.reason);
  } catch (const nlohmann::json::exception& why) {
    return fail(errc::malformed, why.what());
  }
}

std::string to_text(const nlohmann::json& document) {
  return document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace plenary
