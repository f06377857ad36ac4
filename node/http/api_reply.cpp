#include "node/http/api_reply.hpp"

#include "schema/json.hpp"

namespace plenary {

namespace {

constexpr std::string_view retry_seconds = "1";

} // namespace

server_reply json_reply(int status, const nlohmann::json& document) {
  return {status, "application/json", {}, to_text(document)};
}

server_reply retry_reply(api_code code, std::string message) {
  auto reply = error_reply(503, code, std::move(message));
  reply.headers.emplace_back("Retry-After", retry_seconds);
  return reply;
}

server_reply invalid_reply(std::string message) {
  return error_reply(400, api_code::invalid_request, std::move(message));
}

server_reply not_found_reply() {
  return error_reply(404, api_code::not_found, "there is nothing of that name");
}

server_reply call_not_found_reply() {
  return error_reply(404, api_code::call_not_found, "there is no call of that id");
}

server_reply room_not_found_reply() {
  return error_reply(404, api_code::room_not_found, "there is no room of that name now");
}

server_reply participant_not_found_reply() {
  return error_reply(404, api_code::participant_not_found, "that call is not in the room");
}

server_reply node_not_found_reply() {
  return error_reply(404, api_code::node_not_found, "there is no node of that name now");
}

server_reply unauthorized_reply() {
  auto reply = error_reply(401, api_code::unauthorized, "a valid Bearer key is needed");
  reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"plenary\"");
  return reply;
}

server_reply backend_error_reply(const error& why) {
  switch (why.code) {
  case errc::not_found:
    return not_found_reply();
  case errc::malformed:
    return invalid_reply(why.message);
  case errc::timeout:
    return error_reply(504, api_code::timeout, "the answer did not come in time");
  case errc::moving:
  case errc::moved:
  case errc::stale:
  case errc::conference_unavailable:
    return retry_reply(api_code::moving, "it is being moved to another place; try again");
  case errc::unavailable:
  case errc::limit_reached:
    return retry_reply(api_code::unavailable, "the node cannot answer now; try again");
  case errc::unsupported:
    return error_reply(501, api_code::unsupported,
                       "the object's node is of a version that does not know this");
  default:
    return error_reply(500, api_code::internal, "the server failed");
  }
}

} // namespace plenary
