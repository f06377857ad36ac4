#pragma once

#include "actors/edge/customer_book.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/webhook/envelope.hpp"
#include "schema/application.hpp"

namespace plenary {

/// One entry of the outbox for each application of the room's customer that has webhooks and subscribes to
/// the event; empty when there is none.
commit_batch room_events_for(const application_map& applications, const room_event& what, wall_time now);

} // namespace plenary
