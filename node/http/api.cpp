#include "node/http/api.hpp"

#include "node/http/api_json.hpp"
#include "schema/json.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr std::string_view allowed_methods = "GET, HEAD, OPTIONS";
constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";
constexpr std::string_view retry_seconds = "1";

server_reply json_reply(int status, const nlohmann::json& document) {
  return {status, "application/json", {}, to_text(document)};
}

server_reply retry_reply(std::string code, std::string message) {
  auto reply = error_reply(503, std::move(code), std::move(message));
  reply.headers.emplace_back("Retry-After", retry_seconds);
  return reply;
}

server_reply unauthorized_reply() {
  auto reply = error_reply(401, "unauthorized", "a valid Bearer key is needed");
  reply.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"plenary\"");
  return reply;
}

server_reply not_found_reply() {
  return error_reply(404, "not_found", "there is nothing of that name");
}

/// 204 for OPTIONS, 405 for everything but GET and HEAD, else nothing.
std::optional<server_reply> method_reply(std::string_view method) {
  if (method == "GET" || method == "HEAD")
    return std::nullopt;
  auto reply = method == "OPTIONS"
                   ? server_reply{204, "", {}, ""}
                   : error_reply(405, "method_not_allowed", "this method is not allowed here");
  reply.headers.emplace_back("Allow", allowed_methods);
  return reply;
}

bool is_known(const std::vector<std::string>& segments) {
  if (segments.size() == 1)
    return segments[0] == "metrics" || segments[0] == "livez" || segments[0] == "readyz" ||
           segments[0] == "*";
  if (segments.size() < 2 || segments[0] != "v1")
    return false;
  if (segments.size() == 2)
    return segments[1] == "rooms";
  return segments.size() == 3 && (segments[1] == "rooms" || segments[1] == "calls") && !segments[2].empty();
}

int hex_value(char c) {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size() || hex_value(text[i + 1]) < 0 || hex_value(text[i + 2]) < 0)
        return std::nullopt;
      c = static_cast<unsigned char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2]));
      i += 2;
    }
    if (c < 0x20 || c == 0x7f)
      return std::nullopt;
    decoded += static_cast<char>(c);
  }
  return decoded;
}

} // namespace

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  std::vector<std::string> segments;
  if (path.starts_with('/'))
    path.remove_prefix(1);
  for (;;) {
    auto slash = path.find('/');
    auto segment = percent_decoded(path.substr(0, slash));
    if (!segment)
      return std::nullopt;
    segments.push_back(std::move(*segment));
    if (slash == std::string_view::npos)
      return segments;
    path.remove_prefix(slash + 1);
  }
}

server_reply backend_error_reply(const error& why) {
  switch (why.code) {
  case errc::not_found:
    return not_found_reply();
  case errc::malformed:
    return error_reply(400, "invalid_request", why.message);
  case errc::timeout:
    return error_reply(504, "timeout", "the answer did not come in time");
  case errc::conference_unavailable:
    return retry_reply("moving", "it is being moved to another place; try again");
  case errc::unavailable:
  case errc::limit_reached:
    return retry_reply("unavailable", "the node cannot answer now; try again");
  default:
    return error_reply(500, "internal", "the server failed");
  }
}

api::api(std::vector<api_credential> credentials, api_backend& backend, std::function<std::string()> metrics)
    : credentials_(std::move(credentials))
    , backend_(backend)
    , metrics_(std::move(metrics)) {}

void api::handle(server_request request, reply_callback reply) {
  auto segments = path_segments(request.path);
  if (!segments)
    return reply(error_reply(400, "invalid_request", "the path has a wrong percent-escape"));
  route(request, *segments, reply);
}

void api::route(const server_request& request, const std::vector<std::string>& segments,
                const reply_callback& reply) {
  bool is_v1 = segments.front() == "v1";
  bool known = is_known(segments);
  if (!known && !is_v1)
    return reply(not_found_reply());
  if (known)
    if (auto answer = method_reply(request.method))
      return reply(std::move(*answer));
  if (is_v1) {
    auto who = authenticate(request);
    if (!who)
      return reply(unauthorized_reply());
    return known ? route_v1(*who, segments, reply) : reply(not_found_reply());
  }
  if (segments.front() == "metrics")
    return reply({200, std::string{metrics_type}, {}, metrics_()});
  reply(segments.front() == "readyz" ? get_readiness() : json_reply(200, {{"status", "alive"}}));
}

void api::route_v1(const api_identity& who, const std::vector<std::string>& segments,
                   const reply_callback& reply) {
  if (segments.size() == 2)
    return get_rooms(who, reply);
  if (segments[1] == "calls")
    return get_call(who, call_id{segments[2]}, reply);
  get_room(who, segments[2], reply);
}

std::optional<api_identity> api::authenticate(const server_request& request) const {
  auto header = request.headers.find("authorization");
  if (header == request.headers.end())
    return std::nullopt;
  auto key = bearer_key(header->second);
  return key ? identify(credentials_, *key) : std::nullopt;
}

void api::get_call(const api_identity& who, call_id id, const reply_callback& reply) {
  auto missing = error_reply(404, "call_not_found", "there is no call of that id");
  if (!node_of(id))
    return reply(std::move(missing));
  backend_.find_call(who.customer, std::move(id),
                     [customer = who.customer, missing, reply](result<std::optional<call_record>> found) {
                       if (!found && found.error().code != errc::not_found)
                         return reply(backend_error_reply(found.error()));
                       if (!found || !*found || (*found)->customer != customer)
                         return reply(missing);
                       reply(json_reply(200, call_json(**found)));
                     });
}

void api::get_rooms(const api_identity& who, const reply_callback& reply) {
  backend_.list_rooms(
      who.customer, [customer = who.customer, reply](result<std::vector<room_snapshot>> found) {
        if (!found)
          return reply(backend_error_reply(found.error()));
        std::sort(found->begin(), found->end(), [](const auto& a, const auto& b) { return a.key < b.key; });
        auto rooms = nlohmann::json::array();
        for (const auto& room : *found)
          if (room.key.customer == customer)
            rooms.push_back(room_summary_json(room));
        reply(json_reply(200, {{"rooms", std::move(rooms)}}));
      });
}

void api::get_room(const api_identity& who, std::string name, const reply_callback& reply) {
  if (!is_room_name(name))
    return reply(error_reply(400, "invalid_request", "a room's name is 1 to 128 of A-Z a-z 0-9 . - _"));
  backend_.find_room(room_key{who.customer, std::move(name)},
                     [customer = who.customer, reply](result<std::optional<room_snapshot>> found) {
                       if (!found)
                         return reply(backend_error_reply(found.error()));
                       if (!*found || (*found)->key.customer != customer)
                         return reply(not_found_reply());
                       reply(json_reply(200, room_json(**found)));
                     });
}

server_reply api::get_readiness() {
  auto state = backend_.ready();
  return json_reply(is_ready(state) ? 200 : 503, readiness_json(state));
}

} // namespace plenary
