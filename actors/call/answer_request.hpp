#pragma once

#include "actors/call/flow.hpp"
#include "actors/edge/http_client.hpp"
#include "schema/call.hpp"

#include <string>
#include <string_view>

namespace plenary {

/// What the customer's server is sent when actions are needed; signing is the sender's work.
struct answer_request {
  std::string method;
  std::string url;
  std::string body; ///< JSON for POST, sent as `application/json`; empty for GET
};

/// Builds the request for a flow's fetch. POST carries
/// `{"event":"call.incoming","call":{id, customer_id, application_id, provider_call_id, status, direction,
/// from, to, route_mode, routing_target and what schema/caller_json.hpp adds},"variables":{...}}`; a redirect
/// says `call.redirected` instead. GET appends the same as query: `event`, every member of `call` as
/// `call.<name>` (`call.headers.<name>`), every variable as `variables.<name>`, percent-encoded.
answer_request make_answer_request(const flow::fetch& what, const call_record& call);

/// What the flow needs of an answer. One that is compressed although nobody asked for it fails with
/// `malformed`. `retry_after` reads a `Retry-After` value.
result<flow::http_answer>
read_http_answer(const result<http_response>& answer,
                 const std::function<std::optional<std::chrono::seconds>(std::string_view)>& retry_after);

/// RFC 3986 percent-encoding of everything but unreserved characters.
std::string percent_encode(std::string_view text);

} // namespace plenary
