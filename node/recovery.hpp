#pragma once

#include "actors/edge/customer_book.hpp"
#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/node_edges.hpp"

#include <functional>

namespace plenary {

/// Ends every call that this node's earlier processes held: their dialogs are gone. Each gets its record and
/// its terminal event (`call.failed`, cause `node_restart`) in one transaction. Waits for the store; returns
/// how many there were. A shared store whose database is down is not waited for: it ends them, but no call
/// made since `now`, as soon as the database answers; the result is then 0. Fails with `storage` or
/// `timeout`.
result<std::size_t> end_unfinished_calls(event_store& store, const customer_book& customers,
                                         const node_name& self, wall_time now, logger& log);

/// Ends the dialog and the record of a call whose actor failed while the node goes on (`call.failed`, cause
/// `node_restart`). Does not wait; a failure is logged.
void end_failed_call(const node_edges& edges, const call_id& id);

/// Ends the calls of a node that the cluster has lost (`call.failed`, cause `node_lost`). Every survivor may
/// do so: each call is ended once. Nothing happens when the store is not shared, when the lost process goes
/// on writing to it, or when its node was started anew (that process ends them itself). Does not wait: the
/// store waits some seconds of silence. `customers` and `log` must outlive the store.
void end_calls_of_lost_node(event_store& store, const customer_book& customers, const node_name& lost,
                            std::uint64_t incarnation, const std::function<wall_time()>& clock, logger& log);

} // namespace plenary
