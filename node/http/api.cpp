#include "node/http/api.hpp"

#include "node/http/api_reply.hpp"
#include "node/http/request_target.hpp"

namespace plenary {

namespace {

constexpr const char* customer_field = "customer_id";

tl::unexpected<server_reply> instead(server_reply reply) {
  return tl::unexpected<server_reply>(std::move(reply));
}

server_reply forbidden(std::string message) {
  return error_reply(403, "forbidden", std::move(message));
}

/// The answer to OPTIONS, and to a method that the path does not have.
server_reply method_reply(std::string_view method, const std::string& allowed) {
  auto reply = method == "OPTIONS"
                   ? server_reply{204, "", {}, ""}
                   : error_reply(405, "method_not_allowed", "this method is not allowed here");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

std::string_view key_of(const server_request& request) {
  auto header = request.headers.find("authorization");
  return header == request.headers.end() ? std::string_view{} : bearer_key(header->second).value_or("");
}

} // namespace

api::api(std::vector<api_credential> credentials, api_backend& backend, std::function<std::string()> metrics,
         std::string operator_key)
    : credentials_(std::move(credentials))
    , operator_key_(std::move(operator_key))
    , sources_{backend, std::move(metrics)} {}

void api::handle(server_request request, reply_callback reply) {
  auto segments = path_segments(request.path);
  auto query = query_fields(request.query);
  if (!segments || !query)
    return reply(invalid_reply("the path or the query has a wrong percent-escape or a field twice"));
  auto match = match_route(request.method, *segments);
  bool hidden = segments->front() == "v1" && match.allowed.empty(); // only a key tells what is there
  if (match.route == nullptr && !match.allowed.empty())
    return reply(method_reply(request.method, match.allowed));
  if (match.route == nullptr && !hidden)
    return reply(not_found_reply());
  routed_request routed{std::move(match.arguments), std::move(*query), {}};
  if (hidden) {
    auto key = key_of(request);
    return reply(is_operator(key) || identify(credentials_, key) ? not_found_reply() : unauthorized_reply());
  }
  auto customer = authorize(match.route->who, request, routed);
  if (!customer)
    return reply(std::move(customer.error()));
  routed.customer = std::move(*customer);
  match.route->handle(sources_, routed, reply);
}

tl::expected<customer_id, server_reply> api::authorize(audience wanted, const server_request& request,
                                                       const routed_request& routed) const {
  switch (wanted) {
  case audience::everybody:
    return customer_id{};
  case audience::customers:
    return authorize_customer(key_of(request), routed);
  case audience::operators:
    return authorize_operator(key_of(request));
  }
  return instead(unauthorized_reply());
}

tl::expected<customer_id, server_reply> api::authorize_operator(std::string_view key) const {
  if (operator_key_.empty())
    return instead(forbidden("operators' routes need a key: set [http] operator_key or operator_key_file"));
  if (is_operator(key))
    return customer_id{};
  if (identify(credentials_, key))
    return instead(forbidden("this route needs the operator's key, not an application's"));
  return instead(unauthorized_reply());
}

/// The operator's key names the customer in the query; an application's key may name its own.
tl::expected<customer_id, server_reply> api::authorize_customer(std::string_view key,
                                                                const routed_request& routed) const {
  auto named = routed.query.find(customer_field);
  bool is_named = named != routed.query.end();
  if (is_operator(key)) {
    if (!is_named || named->second.empty())
      return instead(invalid_reply("with the operator's key, name the customer: ?customer_id=..."));
    return customer_id{named->second};
  }
  auto who = identify(credentials_, key);
  if (!who)
    return instead(unauthorized_reply());
  if (is_named && named->second != who->customer.value)
    return instead(forbidden("this key belongs to another customer"));
  return who->customer;
}

bool api::is_operator(std::string_view key) const {
  return !operator_key_.empty() && keys_equal(operator_key_, key);
}

} // namespace plenary
