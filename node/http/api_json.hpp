#pragma once

#include "node/http/api_backend.hpp"

#include <nlohmann/json.hpp>

namespace plenary {

/// A call as `GET /v1/calls/{id}` shows it; what is not known yet is null.
nlohmann::json call_json(const call_record& call);

/// A room as `GET /v1/rooms/{name}` shows it.
nlohmann::json room_json(const room_snapshot& room);

/// The same without the participants, for lists.
nlohmann::json room_summary_json(const room_snapshot& room);

/// `{"status":"ready"|"not_ready"|"draining","checks":[...]}`.
nlohmann::json readiness_json(const readiness& state);

/// True when traffic may come.
bool is_ready(const readiness& state);

} // namespace plenary
