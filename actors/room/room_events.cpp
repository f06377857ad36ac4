#include "actors/room/room_events.hpp"

#include "actors/webhook/subscription.hpp"

namespace plenary {

commit_batch room_events_for(const std::vector<application>& applications, const room_event& what,
                             wall_time now) {
  commit_batch batch;
  for (const auto& application : applications)
    if (application.customer == what.key.customer && !application.webhook_url.empty() &&
        subscribes(application.events, what.name))
      batch.events.push_back(make_room_event(what, application.id, now));
  return batch;
}

} // namespace plenary
