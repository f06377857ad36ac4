#include "node/http/api_handlers.hpp"
#include "node/http/api_json.hpp"
#include "node/http/api_reply.hpp"
#include "schema/json.hpp"
#include "schema/participation_fields.hpp"

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
  if (!outcome && outcome.error().code == errc::limit_reached)
    return reply(error_reply(409, api_code::limit_reached, outcome.error().message));
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

void control(const api_sources& from, const routed_request& request, std::string_view action,
             participant_control what, const reply_callback& reply) {
  auto key = key_of(request, reply);
  if (!key)
    return;
  call_id call{request.arguments[1]};
  if (!node_of(call))
    return reply(participant_not_found_reply());
  nlohmann::json document{{"room", key->name}, {"call_id", call.value}, {"action", action}};
  from.backend.control_participant(
      std::move(*key), std::move(call), std::move(what),
      [document, reply](const result<control_outcome>& outcome) { answer(outcome, document, reply); });
}

/// What a body asks for; every member must be known, and one at least must be there.
result<participation_change> change_of(const std::string& body) {
  auto root = parse_json(body);
  if (!root)
    return fail(root.error().code, "the body is " + root.error().message);
  if (!root->is_object())
    return fail(errc::malformed, "the body must be a JSON object");
  json_fields fields{*root, "$"};
  auto change = read_participation(fields, true);
  if (fields.failure())
    return tl::unexpected<error>(*fields.failure());
  std::vector<std::string> unknown;
  fields.add_unknown(unknown);
  if (!unknown.empty())
    return fail(errc::malformed, unknown.front() + ": is no member of a participant that can be changed");
  if (change == participation_change{})
    return fail(errc::malformed, "the body names nothing to change");
  return change;
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

void change_participant(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  auto change = change_of(request.body);
  if (!change)
    return reply(invalid_reply(change.error().message));
  control(from, request, "change", std::move(*change), reply);
}

void mute_participant(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  control(from, request, "mute", participation_change{.muted = true}, reply);
}

void unmute_participant(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  control(from, request, "unmute", participation_change{.muted = false}, reply);
}

void kick_participant(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  control(from, request, "kick", kick{}, reply);
}

} // namespace plenary
