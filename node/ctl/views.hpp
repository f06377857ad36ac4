#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace plenary {

// The API's documents as text for people. Members that a newer or older node leaves out are shown empty.

std::string nodes_view(const nlohmann::json& document);
std::string customers_view(const nlohmann::json& document);
std::string rooms_view(const nlohmann::json& document);
std::string room_view(const nlohmann::json& room);
std::string calls_view(const nlohmann::json& document);
std::string call_view(const nlohmann::json& call);
std::string drain_view(const nlohmann::json& progress);

/// A member as text: nothing for null and for what is missing.
std::string field_text(const nlohmann::json& document, const char* name);

/// Whether a member is there and true.
bool is_true(const nlohmann::json& document, const char* name);

/// An array member; an empty one when it is missing.
nlohmann::json list_of(const nlohmann::json& document, const char* name);

} // namespace plenary
