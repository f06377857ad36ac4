#include "node/watch/service_story.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

constexpr int feeds_an_interval = 4;
/// More time is asked for this often, and so much of it.
constexpr std::chrono::seconds extension_pause{5};
constexpr std::chrono::microseconds extension{std::chrono::seconds{30}};

std::string_view status_of(service_phase phase) {
  switch (phase) {
  case service_phase::starting:
    return "starting";
  case service_phase::ready:
    return "takes calls";
  case service_phase::waiting:
    return "takes no calls: waits for its cluster";
  case service_phase::leaving:
    return "leaving: takes nothing new";
  case service_phase::stopping:
    return "ending the last calls";
  }
  return "";
}

} // namespace

service_story::service_story(std::optional<std::chrono::microseconds> watchdog,
                             std::chrono::seconds longest_end)
    : watchdog_(watchdog)
    , longest_end_(longest_end) {}

bool service_story::is_due(std::optional<time_point>& last, time_point now,
                           std::chrono::microseconds period) {
  if (last && now - *last < period)
    return false;
  last = now;
  return true;
}

bool service_story::needs_time(time_point now, service_phase phase) {
  if (phase != service_phase::leaving && phase != service_phase::stopping) {
    leaving_since_.reset();
    return !ready_told_;
  }
  leaving_since_ = leaving_since_.value_or(now);
  return now - *leaving_since_ < longest_end_;
}

std::string service_story::step(time_point now, service_phase phase, bool alive) {
  std::string lines;
  if (told_ != phase) {
    lines += fmt::format("STATUS={}\n", status_of(phase));
    if (phase == service_phase::stopping)
      lines += "STOPPING=1\n";
    told_ = phase;
  }
  if (phase == service_phase::ready && !ready_told_) {
    lines += "READY=1\n";
    ready_told_ = true;
  }
  if (needs_time(now, phase) && alive && is_due(asked_for_time_, now, extension_pause))
    lines += fmt::format("EXTEND_TIMEOUT_USEC={}\n", extension.count());
  if (watchdog_ && alive && is_due(fed_, now, *watchdog_ / feeds_an_interval))
    lines += "WATCHDOG=1\n";
  return lines;
}

} // namespace plenary
