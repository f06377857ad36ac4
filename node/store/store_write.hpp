#pragma once

#include "actors/edge/event_store.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// Everything that a store is told to change, without questions: what a node keeps on its own disk while the
/// database does not answer.
struct store_write {
  commit_batch batch;
  std::vector<delivery_outcome> outcomes;
};

/// Many writes as one, in their order: of each call the latest record counts, but none after a terminal one,
/// of each event the first outcome.
store_write merged(const std::vector<const store_write*>& writes);

/// Events as a JSON array of objects with the members `id`, `application`, `call`, `stream` (the ordering
/// key), `name`, `sequence`, `created_at` (nanoseconds since 1970) and `body`.
nlohmann::json to_json(const std::vector<outbox_event>& events);

/// The whole write as JSON text.
std::string to_row(const store_write& write);

/// The write that `to_row` wrote; fails with `storage` for any other text.
result<store_write> write_from_row(std::string_view text);

} // namespace plenary
