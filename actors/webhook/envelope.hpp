#pragma once

#include "schema/call.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace plenary {

/// Id of the event of that call and sequence: the same whoever makes it, before and after a restart.
std::string event_id(const call_id& call, std::uint64_t sequence);

/// The next event of a call, with sequence `record.last_sequence + 1`; the caller stores that sequence in the
/// record before it commits both. `data` is an object or null; `event_key` is added to it.
outbox_event make_event(const call_record& record, std::string_view name, wall_time now,
                        const nlohmann::json& data = nullptr);

} // namespace plenary
