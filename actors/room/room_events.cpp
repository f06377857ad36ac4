#include "actors/room/room_events.hpp"

#include "actors/webhook/subscription.hpp"

namespace plenary {

commit_batch room_events_for(const application_map& applications, const room_event& what, wall_time now) {
  commit_batch batch;
  for (const auto& [id, application] : applications)
    if (application->customer == what.key.customer && !application->webhook_url.empty() &&
        subscribes(application->events, what.name))
      batch.events.push_back(make_room_event(what, id, now));
  return batch;
}

} // namespace plenary
