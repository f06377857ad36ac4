#pragma once

#include "node/http/api_backend.hpp"
#include "node/http/credentials.hpp"
#include "node/http/server_request.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// The routes: `/v1/...` for holders of a Bearer key, `/metrics`, `/livez` and `/readyz` for everybody who
/// reaches the port. Knows nothing of sockets.
class api final : public request_handler {
public:
  /// `metrics` gives the text of `/metrics`; the backend outlives the server that calls this.
  api(std::vector<api_credential> credentials, api_backend& backend, std::function<std::string()> metrics);

  void handle(server_request request, reply_callback reply) override;

private:
  void route(const server_request& request, const std::vector<std::string>& segments,
             const reply_callback& reply);
  void route_v1(const api_identity& who, const std::vector<std::string>& segments,
                const reply_callback& reply);
  std::optional<api_identity> authenticate(const server_request& request) const;

  void get_call(const api_identity& who, call_id id, const reply_callback& reply);
  void get_rooms(const api_identity& who, const reply_callback& reply);
  void get_room(const api_identity& who, std::string name, const reply_callback& reply);
  server_reply get_readiness();

  const std::vector<api_credential> credentials_;
  api_backend& backend_;
  const std::function<std::string()> metrics_;
};

/// The decoded parts of a path between its slashes; nothing when an escape is wrong or means a control
/// character. `/v1/rooms/a%20b` gives `v1`, `rooms`, `a b`.
std::optional<std::vector<std::string>> path_segments(std::string_view path);

/// How an error of the backend is told to the client; texts of inner failures stay inside.
server_reply backend_error_reply(const error& why);

} // namespace plenary
