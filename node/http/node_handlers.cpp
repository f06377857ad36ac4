#include "node/http/api_handlers.hpp"
#include "node/http/api_json.hpp"
#include "node/http/api_reply.hpp"

#include <algorithm>

namespace plenary {

namespace {

constexpr std::string_view metrics_type = "text/plain; version=0.0.4; charset=utf-8";

/// Calls `use` with the node of that name, or answers that there is none.
template <class Use>
void with_node(const api_sources& from, const std::string& name, const reply_callback& reply, Use use) {
  if (!is_node_name(name))
    return reply(node_not_found_reply());
  from.backend.list_nodes([name, reply, use](result<std::vector<node_description>> nodes) {
    if (!nodes)
      return reply(backend_error_reply(nodes.error()));
    auto found = std::find_if(nodes->begin(), nodes->end(),
                              [&](const auto& node) { return node.identity.name.value == name; });
    if (found == nodes->end())
      return reply(node_not_found_reply());
    use(*found);
  });
}

/// Asks the node to drain or not, and answers with its progress.
void set_draining(const api_sources& from, const std::string& name, bool drain, const reply_callback& reply) {
  with_node(from, name, reply, [backend = &from.backend, drain, reply](const node_description& node) {
    backend->set_draining(node.identity.name, drain, [node, drain, reply](const result<void>& done) {
      if (!done)
        return reply(done.error().code == errc::not_found ? node_not_found_reply()
                                                          : backend_error_reply(done.error()));
      auto now = drain_json(node);
      now["draining"] = drain; // its next heartbeat says so as well
      now["done"] = drain && node.status.rooms == 0 && node.status.calls == 0;
      reply(json_reply(drain ? 202 : 200, now));
    });
  });
}

} // namespace

void get_metrics(const api_sources& from, const routed_request&, const reply_callback& reply) {
  reply({200, std::string{metrics_type}, {}, from.metrics()});
}

void get_liveness(const api_sources&, const routed_request&, const reply_callback& reply) {
  reply(json_reply(200, {{"status", "alive"}}));
}

void get_readiness(const api_sources& from, const routed_request&, const reply_callback& reply) {
  from.backend.ready([reply](const readiness& state) {
    reply(json_reply(is_ready(state) ? 200 : 503, readiness_json(state)));
  });
}

void get_nodes(const api_sources& from, const routed_request&, const reply_callback& reply) {
  from.backend.list_nodes([reply](const result<std::vector<node_description>>& nodes) {
    if (!nodes)
      return reply(backend_error_reply(nodes.error()));
    auto list = nlohmann::json::array();
    for (const auto& node : *nodes)
      list.push_back(node_json(node));
    reply(json_reply(200, {{"nodes", std::move(list)}}));
  });
}

void get_node(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  with_node(from, request.arguments[0], reply,
            [reply](const node_description& node) { reply(json_reply(200, node_json(node))); });
}

void get_drain(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  with_node(from, request.arguments[0], reply,
            [reply](const node_description& node) { reply(json_reply(200, drain_json(node))); });
}

void start_drain(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  set_draining(from, request.arguments[0], true, reply);
}

void cancel_drain(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  set_draining(from, request.arguments[0], false, reply);
}

} // namespace plenary
