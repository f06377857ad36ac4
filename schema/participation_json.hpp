#pragma once

#include "schema/participation.hpp"

namespace plenary {

/// Adds `muted`, `end_on_exit`, `label` (null: none) and `from` to a participant's object of the API and of
/// events.
template <class Json>
void add_participation(Json& members, const participation& what) {
  members["muted"] = what.muted;
  members["end_on_exit"] = what.end_on_exit;
  members["label"] = what.label.empty() ? Json(nullptr) : Json(what.label);
  members["from"] = what.number;
  members["deaf"] = what.deaf;
  members["hear_gain_db"] = what.hear_gain_db;
}

} // namespace plenary
