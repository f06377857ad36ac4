#include "node/http/api_handlers.hpp"
#include "node/http/api_json.hpp"
#include "node/http/api_reply.hpp"

#include <algorithm>

namespace plenary {

namespace {

/// The room that the path names, or nothing after the client was told that it is no name.
std::optional<room_key> key_of(const routed_request& request, const reply_callback& reply) {
  if (is_room_name(request.arguments[0]))
    return room_key{request.customer, request.arguments[0]};
  reply(invalid_reply("a room's name is 1 to 128 of A-Z a-z 0-9 . - _"));
  return std::nullopt;
}

void answer(const result<control_outcome>& outcome, nlohmann::json document, const reply_callback& reply) {
  if (!outcome)
    return reply(backend_error_reply(outcome.error()));
  switch (outcome->what) {
  case control_outcome::kind::no_room:
    return reply(room_not_found_reply());
  case control_outcome::kind::no_participant:
    return reply(participant_not_found_reply());
  case control_outcome::kind::done:
    break;
  }
  document["node"] = outcome->place.owner.value;
  document["epoch"] = outcome->place.epoch;
  reply(json_reply(200, document));
}

std::string_view name_of(peer::participant_action what) {
  switch (what) {
  case peer::participant_action::mute:
    return "mute";
  case peer::participant_action::unmute:
    return "unmute";
  case peer::participant_action::kick:
    return "kick";
  }
  return "";
}

} // namespace

void get_rooms(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  auto part = page_of(request);
  if (!part)
    return reply(invalid_reply(part.error().message));
  from.backend.list_rooms(request.customer, std::move(*part),
                          [customer = request.customer, reply](const result<room_listing>& found) {
                            if (!found)
                              return reply(backend_error_reply(found.error()));
                            auto rooms = nlohmann::json::array();
                            for (const auto& room : found->rooms)
                              if (room.key.customer == customer)
                                rooms.push_back(listed_room_json(room));
                            auto next = found->more && !found->rooms.empty()
                                            ? nlohmann::json(found->rooms.back().key.name)
                                            : nlohmann::json(nullptr);
                            reply(json_reply(200, {{"rooms", std::move(rooms)}, {"next", std::move(next)}}));
                          });
}

void get_room(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  auto key = key_of(request, reply);
  if (!key)
    return;
  from.backend.find_room(std::move(*key), [customer = request.customer,
                                           reply](const result<std::optional<room_snapshot>>& found) {
    if (!found && found.error().code != errc::not_found)
      return reply(backend_error_reply(found.error()));
    if (!found || !*found || (*found)->key.customer != customer)
      return reply(room_not_found_reply());
    reply(json_reply(200, room_json(**found)));
  });
}

void end_room(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  auto key = key_of(request, reply);
  if (!key)
    return;
  nlohmann::json document{{"room", key->name}, {"action", "end"}};
  from.backend.end_room(std::move(*key), [document, reply](const result<control_outcome>& outcome) {
    answer(outcome, document, reply);
  });
}

void control_participant(const api_sources& from, const routed_request& request,
                         peer::participant_action what, const reply_callback& reply) {
  auto key = key_of(request, reply);
  if (!key)
    return;
  call_id call{request.arguments[1]};
  if (!node_of(call))
    return reply(participant_not_found_reply());
  nlohmann::json document{{"room", key->name}, {"call_id", call.value}, {"action", name_of(what)}};
  from.backend.control_participant(
      std::move(*key), std::move(call), what,
      [document, reply](const result<control_outcome>& outcome) { answer(outcome, document, reply); });
}

} // namespace plenary
