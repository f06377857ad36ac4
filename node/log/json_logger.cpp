#include "node/log/json_logger.hpp"

#include "node/log/level_name.hpp"
#include "schema/ids.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>
#include <poll.h>

#include <cerrno>

namespace plenary {

namespace {

constexpr std::string_view cut_mark = "...";
constexpr std::string_view truncated_end = ",\"truncated\":true}\n";

std::string json_text(std::string_view text) {
  if (text.size() <= max_log_value)
    return to_text(std::string{text});
  return to_text(std::string{text.substr(0, max_log_value)}.append(cut_mark));
}

struct value_writer {
  std::string operator()(std::string_view value) const { return json_text(value); }
  std::string operator()(std::int64_t value) const { return to_text(value); }
  std::string operator()(double value) const { return to_text(value); }
  std::string operator()(bool value) const { return to_text(value); }
};

/// Lines that may be about a call say so by `call`; one that is about none has no such member.
bool is_empty_call(const log_field& field) {
  const auto* text = std::get_if<std::string_view>(&field.value);
  return text != nullptr && text->empty() && field.name == "call";
}

/// Never waits: a pipe that reports space takes at least PIPE_BUF bytes (pipe(7)).
bool has_space(int descriptor) {
  pollfd probe{.fd = descriptor, .events = POLLOUT, .revents = 0};
  return ::poll(&probe, 1, 0) == 1 && (probe.revents & POLLOUT) != 0;
}

std::string timestamp_now() {
  return to_rfc3339(std::chrono::system_clock::now());
}

} // namespace

std::string log_line(std::string_view timestamp, log_level level, std::string_view event,
                     std::initializer_list<log_field> fields) {
  auto line =
      fmt::format(R"({{"ts":"{}","level":"{}","event":{})", timestamp, to_string(level), json_text(event));
  for (const auto& field : fields) {
    if (is_empty_call(field))
      continue;
    auto member = fmt::format(",{}:{}", json_text(field.name), std::visit(value_writer{}, field.value));
    if (line.size() + member.size() + truncated_end.size() > max_log_line)
      return line.append(truncated_end);
    line += member;
  }
  return line.append("}\n");
}

json_logger::json_logger(log_level least, int descriptor)
    : least_(least)
    , descriptor_(descriptor) {}

void json_logger::write(log_level level, std::string_view event, std::initializer_list<log_field> fields) {
  if (level < least_)
    return;
  auto line = log_line(timestamp_now(), level, event, fields);
  std::lock_guard guard{mutex_};
  tell_dropped();
  if (untold_ == 0 && put(line))
    return;
  ++dropped_;
  ++untold_;
}

std::uint64_t json_logger::dropped() const {
  std::lock_guard guard{mutex_};
  return dropped_;
}

bool json_logger::put(const std::string& line) {
  if (!has_space(descriptor_))
    return false;
  ssize_t written;
  do
    written = ::write(descriptor_, line.data(), line.size());
  while (written < 0 && errno == EINTR);
  return written == static_cast<ssize_t>(line.size());
}

void json_logger::tell_dropped() {
  if (untold_ == 0)
    return;
  auto count = static_cast<std::int64_t>(untold_);
  if (put(log_line(timestamp_now(), log_level::warning, "log_lines_dropped", {{"count", count}})))
    untold_ = 0;
}

} // namespace plenary
