#pragma once

#include "node/http/api_backend.hpp"

#include <nlohmann/json.hpp>

namespace plenary {

/// A call as `GET /v1/calls/{id}` shows it; what is not known yet is null.
nlohmann::json call_json(const call_record& call);

/// A room as `GET /v1/rooms/{name}` shows it.
nlohmann::json room_json(const room_snapshot& room);

/// The same without the participants, for lists; what the owner did not say is null.
nlohmann::json listed_room_json(const listed_room& room);

/// A node as `GET /v1/nodes/{name}` shows it.
nlohmann::json node_json(const node_description& node);

/// How far a node is with its draining: `{"draining":...,"done":...,"rooms_left":...,"calls_left":...}`.
nlohmann::json drain_json(const node_description& node);

/// `{"status":"ready"|"not_ready"|"draining","checks":[...]}`.
nlohmann::json readiness_json(const readiness& state);

/// True when traffic may come.
bool is_ready(const readiness& state);

} // namespace plenary
