#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "node/call_router.hpp"

namespace plenary {

/// Ends every call that the store still holds as alive: the process that held its dialog is gone. Each gets
/// its record and its terminal event (`call.failed`, cause `node_restart`) in one transaction. Waits for the
/// store; returns how many there were. Fails with `storage` or `timeout`.
result<std::size_t> end_unfinished_calls(event_store& store, const application_map& applications,
                                         wall_time now, logger& log);

/// Ends the record of a call whose actor failed while the node goes on (`call.failed`, cause `node_restart`).
/// Does not wait; a failure is logged.
void end_lost_call(event_store& store, const application_map& applications, const call_id& id,
                   const std::function<wall_time()>& clock, logger& log);

} // namespace plenary
