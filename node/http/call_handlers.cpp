#include "node/http/api_handlers.hpp"
#include "node/http/api_json.hpp"
#include "node/http/api_reply.hpp"

#include <fmt/format.h>

#include <charconv>

namespace plenary {

namespace {

constexpr std::size_t most_entries = 500;

} // namespace

result<page> page_of(const routed_request& request) {
  page part;
  if (auto after = request.query.find("after"); after != request.query.end())
    part.after = after->second;
  auto limit = request.query.find("limit");
  if (limit == request.query.end())
    return part;
  const auto& text = limit->second;
  auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), part.limit);
  if (trouble != std::errc{} || end != text.data() + text.size() || part.limit < 1 ||
      part.limit > most_entries)
    return fail(errc::malformed, fmt::format("limit is a number from 1 to {}", most_entries));
  return part;
}

void get_calls(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  auto part = page_of(request);
  if (!part)
    return reply(invalid_reply(part.error().message));
  from.backend.list_calls(request.customer, std::move(*part),
                          [customer = request.customer, reply](const result<call_listing>& found) {
                            if (!found)
                              return reply(backend_error_reply(found.error()));
                            auto calls = nlohmann::json::array();
                            for (const auto& call : found->calls)
                              if (call.customer == customer)
                                calls.push_back(call_json(call));
                            auto silent = nlohmann::json::array();
                            for (const auto& node : found->silent)
                              silent.push_back(node.value);
                            auto next = found->more && !found->calls.empty()
                                            ? nlohmann::json(found->calls.back().id.value)
                                            : nlohmann::json(nullptr);
                            reply(json_reply(200, {{"calls", std::move(calls)},
                                                   {"next", std::move(next)},
                                                   {"nodes_without_answer", std::move(silent)}}));
                          });
}

void get_call(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  call_id id{request.arguments[0]};
  if (!node_of(id))
    return reply(call_not_found_reply());
  from.backend.find_call(
      request.customer, std::move(id),
      [customer = request.customer, reply](const result<std::optional<call_record>>& found) {
        if (!found && found.error().code != errc::not_found)
          return reply(backend_error_reply(found.error()));
        if (!found || !*found || (*found)->customer != customer)
          return reply(call_not_found_reply());
        reply(json_reply(200, call_json(**found)));
      });
}

void hang_up(const api_sources& from, const routed_request& request, const reply_callback& reply) {
  call_id id{request.arguments[0]};
  auto node = node_of(id);
  if (!node)
    return reply(call_not_found_reply());
  nlohmann::json document{{"call_id", id.value}, {"action", "hangup"}, {"node", node->value}};
  from.backend.hang_up(request.customer, std::move(id), [document, reply](const result<void>& done) {
    if (done)
      return reply(json_reply(200, document));
    reply(done.error().code == errc::not_found ? call_not_found_reply() : backend_error_reply(done.error()));
  });
}

} // namespace plenary
