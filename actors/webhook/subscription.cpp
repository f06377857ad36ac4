#include "actors/webhook/subscription.hpp"

#include <algorithm>
#include <array>

namespace plenary {

namespace {

constexpr std::array<std::string_view, 7> names{
    "room.started", "room.ended",         "room.recovered",   "room.merged",
    "room.moved",   "participant.joined", "participant.left",
};

/// `room.*` covers `room.ended`.
bool covers(std::string_view subscription, std::string_view event) {
  if (!subscription.ends_with(".*"))
    return subscription == event;
  return event.starts_with(subscription.substr(0, subscription.size() - 1));
}

} // namespace

std::span<const std::string_view> room_event_names() {
  return names;
}

bool is_subscription(std::string_view text) {
  return text == "room.*" || text == "participant.*" ||
         std::find(names.begin(), names.end(), text) != names.end();
}

bool subscribes(const std::vector<std::string>& subscriptions, std::string_view event) {
  return std::any_of(subscriptions.begin(), subscriptions.end(),
                     [event](const auto& subscription) { return covers(subscription, event); });
}

} // namespace plenary
