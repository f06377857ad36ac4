#pragma once

#include <nlohmann/json.hpp>

#include <string>

namespace plenary {

/// A call's story out of what the nodes say: the call itself, the room that it is in (null: none, or its
/// owner does not answer) and the nodes (null: the key may not see them). Gives `call`, `room`, `timeline`
/// (objects with `at` and `what`) and `now` (sentences).
nlohmann::json call_story(const nlohmann::json& call, const nlohmann::json& room,
                          const nlohmann::json& nodes);

/// The story as text.
std::string story_view(const nlohmann::json& story);

} // namespace plenary
