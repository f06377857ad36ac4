#pragma once

#include "schema/json_fields.hpp"
#include "schema/participation.hpp"

namespace plenary {

/// Reads the members that a `conference` action and a change of a participant share: `mute`, `end_on_exit`,
/// `label` (1 to 64 characters without control characters; in a change, empty takes it away), `gain_db` (a
/// fixed gain, -20 to 20) or `levelling` (true: by the room; false: without gain), `deaf`, `hear_gain_db`
/// (-20 to 12). What is absent or null is not changed.
participation_change read_participation(json_fields& fields, bool label_may_be_empty);

} // namespace plenary
