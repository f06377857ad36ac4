#include "node/http/api_route.hpp"

#include "node/http/api_handlers.hpp"

#include <array>
#include <optional>

namespace plenary {

namespace {

constexpr std::array routes{
    api_route{"GET", "metrics", audience::everybody, get_metrics},
    api_route{"GET", "livez", audience::everybody, get_liveness},
    api_route{"GET", "readyz", audience::everybody, get_readiness},
    api_route{"GET", "v1/calls", audience::customers, get_calls},
    api_route{"GET", "v1/calls/{}", audience::customers, get_call},
    api_route{"POST", "v1/calls/{}/hangup", audience::customers, hang_up},
    api_route{"GET", "v1/rooms", audience::customers, get_rooms},
    api_route{"GET", "v1/rooms/{}", audience::customers, get_room},
    api_route{"POST", "v1/rooms/{}/end", audience::customers, end_room},
    api_route{"PATCH", "v1/rooms/{}/participants/{}", audience::customers, change_participant},
    api_route{"POST", "v1/rooms/{}/participants/{}/mute", audience::customers, mute_participant},
    api_route{"POST", "v1/rooms/{}/participants/{}/unmute", audience::customers, unmute_participant},
    api_route{"POST", "v1/rooms/{}/participants/{}/kick", audience::customers, kick_participant},
    api_route{"GET", "v1/customers", audience::operators, get_customers},
    api_route{"GET", "v1/nodes", audience::operators, get_nodes},
    api_route{"GET", "v1/nodes/{}", audience::operators, get_node},
    api_route{"GET", "v1/nodes/{}/drain", audience::operators, get_drain},
    api_route{"POST", "v1/nodes/{}/drain", audience::operators, start_drain},
    api_route{"DELETE", "v1/nodes/{}/drain", audience::operators, cancel_drain},
};

constexpr std::string_view placeholder = "{}";

/// What stands at the placeholders, or nothing when the path is another one.
std::optional<std::vector<std::string>> arguments_of(std::string_view pattern,
                                                     const std::vector<std::string>& segments) {
  std::vector<std::string> arguments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    auto slash = pattern.find('/');
    auto wanted = pattern.substr(0, slash);
    if (wanted == placeholder && !segments[i].empty())
      arguments.push_back(segments[i]);
    else if (wanted != segments[i] || wanted == placeholder)
      return std::nullopt;
    bool last = slash == std::string_view::npos;
    if (last != (i + 1 == segments.size()))
      return std::nullopt;
    if (!last)
      pattern.remove_prefix(slash + 1);
  }
  return arguments;
}

bool serves(const api_route& route, std::string_view method) {
  return route.method == method || (route.method == "GET" && method == "HEAD");
}

} // namespace

std::span<const api_route> api_routes() {
  return routes;
}

route_match match_route(std::string_view method, const std::vector<std::string>& segments) {
  route_match match;
  if (segments == std::vector<std::string>{"*"}) { // of the whole server: RFC 9110 9.3.7
    match.allowed = "GET, HEAD, POST, PATCH, DELETE, OPTIONS";
    return match;
  }
  for (const auto& route : routes) {
    auto arguments = arguments_of(route.pattern, segments);
    if (!arguments)
      continue;
    match.allowed += route.method;
    match.allowed += route.method == "GET" ? ", HEAD, " : ", ";
    if (serves(route, method)) {
      match.route = &route;
      match.arguments = std::move(*arguments);
    }
  }
  if (!match.allowed.empty())
    match.allowed += "OPTIONS";
  return match;
}

} // namespace plenary
