#include "node/http/api.hpp"

#include "node/http/api_reply.hpp"
#include "node/http/request_target.hpp"

#include <utility>

namespace plenary {

namespace {

constexpr const char* customer_field = "customer_id";
constexpr std::string_view operator_holder = "[http] operator_key"; // no application has such an id
constexpr token_rate log_rate{0.1, 1};
/// Their text costs the thread of the server more than any other answer: nobody needs it more than ten times
/// a second.
constexpr double cost_of_metrics = 100;
constexpr std::size_t most_log_names = 1024;

/// Asked by machines that take a node out of service when it does not answer: they have a budget of their
/// own.
bool is_probe(std::string_view path) {
  return path == "/livez" || path == "/readyz";
}

std::string_view text_of_limit(std::string_view limit) {
  if (limit == "wrong_keys")
    return "too many wrong keys came from this address";
  if (limit == "application")
    return "too many requests came with this application's keys";
  return "too many requests came from this address";
}

tl::unexpected<server_reply> instead(server_reply reply) {
  return tl::unexpected<server_reply>(std::move(reply));
}

server_reply forbidden(std::string message) {
  return error_reply(403, api_code::forbidden, std::move(message));
}

/// The answer to OPTIONS, and to a method that the path does not have.
server_reply method_reply(std::string_view method, const std::string& allowed) {
  auto reply = method == "OPTIONS"
                   ? server_reply{204, "", {}, ""}
                   : error_reply(405, api_code::method_not_allowed, "this method is not allowed here");
  reply.headers.emplace_back("Allow", allowed);
  return reply;
}

std::string_view key_of(const server_request& request) {
  auto header = request.headers.find("authorization");
  return header == request.headers.end() ? std::string_view{} : bearer_key(header->second).value_or("");
}

} // namespace

api::api(api_keys keys, api_backend& backend, std::function<std::string()> metrics, api_options options)
    : options_(std::move(options))
    , sources_{backend, std::move(metrics), options_.customers}
    , limits_(options_.limits)
    , log_lines_(log_rate, most_log_names)
    , guards_(std::make_shared<const guards>(guards{std::move(keys), options_.limits}))
    , followed_(guards_) {}

void api::reload(api_keys keys, request_limit_settings limits) {
  auto made = std::make_shared<const guards>(guards{std::move(keys), std::move(limits)});
  std::lock_guard lock(mutex_);
  guards_ = std::move(made);
}

std::shared_ptr<const api::guards> api::guards_now() const {
  std::lock_guard lock(mutex_);
  return guards_;
}

void api::follow_limits() {
  auto now = guards_now();
  if (std::exchange(followed_, now) != now)
    limits_.replace(now->limits);
}

void api::handle(server_request request, reply_callback reply) {
  follow_limits();
  const visit from{request, client_group(request.peer), options_.now()};
  const auto budget = is_probe(request.path) ? from.client + " probes" : from.client;
  const auto cost = request.path == "/metrics" ? cost_of_metrics : 1.0;
  if (const auto wait = limits_.take_of_address(budget, from.now, cost))
    return reply(limited(counter::http_limited_address, "address", budget, *wait));
  auto segments = path_segments(request.path);
  auto query = query_fields(request.query);
  if (!segments || !query)
    return reply(invalid_reply("the path or the query has a wrong percent-escape or a field twice"));
  auto match = match_route(request.method, *segments);
  bool hidden = segments->front() == "v1" && match.allowed.empty(); // only a key tells what is there
  if (!options_.tells_metrics && *segments == std::vector<std::string>{"metrics"})
    return reply(not_found_reply());
  if (match.route == nullptr && !match.allowed.empty())
    return reply(method_reply(request.method, match.allowed));
  if (match.route == nullptr && !hidden)
    return reply(not_found_reply());
  routed_request routed{std::move(match.arguments), std::move(*query), {}};
  if (hidden) {
    auto holder = holder_of(from);
    return reply(holder ? not_found_reply() : std::move(holder.error()));
  }
  auto customer = authorize(match.route->who, from, routed);
  if (!customer)
    return reply(std::move(customer.error()));
  routed.customer = std::move(*customer);
  routed.body = std::move(request.body);
  match.route->handle(sources_, routed, reply);
}

tl::expected<customer_id, server_reply> api::authorize(audience wanted, const visit& from,
                                                       const routed_request& routed) {
  switch (wanted) {
  case audience::everybody:
    return customer_id{};
  case audience::customers:
    return authorize_customer(from, routed);
  case audience::operators:
    return authorize_operator(from);
  }
  return instead(unauthorized_reply());
}

/// Takes the same time for every key of one length. While a client has no more tries, a right key that was
/// not seen from there before is answered like a wrong one: nothing can be learnt.
tl::expected<api::key_holder, server_reply> api::holder_of(const visit& from) {
  const auto key = key_of(from.request);
  if (key.empty())
    return instead(unauthorized_reply());
  const auto known = guards_now();
  const auto who = identify(known->keys.credentials, key);
  bool is_operator = false;
  for (const auto& stored : known->keys.operators)
    is_operator = keys_equal(stored, key) || is_operator;
  const bool is_right = is_operator || who;
  const auto holder = is_operator ? std::string{operator_holder} : who ? who->application.value : "";
  if (const auto wait = limits_.locked_for(from.client, from.now))
    if (!is_right || !limits_.knows_right_key(from.client, holder))
      return instead(limited(counter::http_limited_wrong_keys, "wrong_keys", from.client, *wait));
  if (!is_right) {
    limits_.count_wrong_key(from.client, from.now);
    return instead(unauthorized_reply());
  }
  limits_.remember_right_key(from.client, holder);
  return key_holder{is_operator, who.value_or(api_identity{})};
}

tl::expected<customer_id, server_reply> api::authorize_operator(const visit& from) {
  if (guards_now()->keys.operators.empty())
    return instead(forbidden("operators' routes need a key: set [http] operator_key or operator_key_file"));
  const auto holder = holder_of(from);
  if (!holder)
    return instead(holder.error());
  if (holder->is_operator)
    return customer_id{};
  return instead(forbidden("this route needs the operator's key, not an application's"));
}

/// The operator's key names the customer in the query; an application's key may name its own.
tl::expected<customer_id, server_reply> api::authorize_customer(const visit& from,
                                                                const routed_request& routed) {
  const auto holder = holder_of(from);
  if (!holder)
    return instead(holder.error());
  auto named = routed.query.find(customer_field);
  bool is_named = named != routed.query.end();
  if (holder->is_operator) {
    if (!is_named || named->second.empty())
      return instead(invalid_reply("with the operator's key, name the customer: ?customer_id=..."));
    return customer_id{named->second};
  }
  if (const auto wait = limits_.take_of_application(holder->who.application, from.now))
    return instead(
        limited(counter::http_limited_application, "application", holder->who.application.value, *wait));
  if (is_named && named->second != holder->who.customer.value)
    return instead(forbidden("this key belongs to another customer"));
  return holder->who.customer;
}

server_reply api::limited(counter counted, std::string_view limit, const std::string& whom,
                          std::chrono::seconds wait) {
  if (options_.meters != nullptr)
    options_.meters->count(counted);
  if (options_.log != nullptr && log_lines_.take(std::string{limit} + '\n' + whom, options_.now()))
    options_.log->warning(
        "http_limit_reached",
        {{"limit", limit}, {"name", std::string_view{whom}}, {"retry_after_s", std::int64_t{wait.count()}}});
  auto reply = error_reply(429, api_code::too_many_requests, std::string{text_of_limit(limit)});
  reply.headers.emplace_back("Retry-After", std::to_string(wait.count()));
  return reply;
}

} // namespace plenary
