#include "node/http/metrics_api.hpp"

#include "node/http/api_reply.hpp"
#include "node/http/request_target.hpp"

namespace plenary {

void metrics_api::handle(server_request request, reply_callback reply) {
  const auto segments = path_segments(request.path);
  const auto match = segments ? match_route(request.method, *segments) : route_match{};
  if (match.route == nullptr || match.route->who != audience::everybody)
    return reply(not_found_reply());
  match.route->handle(sources_, {}, reply);
}

} // namespace plenary
