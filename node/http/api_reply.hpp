#pragma once

#include "node/http/server_request.hpp"
#include "schema/result.hpp"

#include <nlohmann/json.hpp>

namespace plenary {

/// A reply with a JSON document.
server_reply json_reply(int status, const nlohmann::json& document);

/// 503 with Retry-After: the same request helps in a moment.
server_reply retry_reply(api_code code, std::string message);

/// 400 `invalid_request`.
server_reply invalid_reply(std::string message);

/// 404 for a path that is none.
server_reply not_found_reply();
server_reply call_not_found_reply();
server_reply room_not_found_reply();
server_reply participant_not_found_reply();
server_reply node_not_found_reply();

/// 401 without and with a wrong key.
server_reply unauthorized_reply();

/// How an error of the backend is told to the client; texts of inner failures stay inside.
server_reply backend_error_reply(const error& why);

} // namespace plenary
