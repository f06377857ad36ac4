#include "actors/call/answer_request.hpp"

#include "schema/caller_json.hpp"
#include "schema/json.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

nlohmann::json describe(const call_record& call) {
  nlohmann::json members = {{"id", call.id.value},
                            {"customer_id", call.customer.value},
                            {"application_id", call.application.value},
                            {"provider_call_id", call.provider_call_id},
                            {"status", to_string(call.status)},
                            {"direction", to_string(call.direction)},
                            {"from", call.from},
                            {"to", call.to},
                            {"route_mode", "webhook"},
                            {"routing_target", call.application.value}};
  add_caller(members, call);
  return members;
}

/// The URL with one more query member; a fragment is never sent (RFC 9110 section 4.2.3 leaves it to the
/// client).
void append(std::string& url, std::string_view name, std::string_view value) {
  const char last = url.back();
  const bool first = url.find('?') == std::string::npos;
  if (first)
    url += '?';
  else if (last != '?' && last != '&')
    url += '&';
  url += percent_encode(name) + "=" + percent_encode(value);
}

/// Texts under their names, those of an object under `<its name>.<theirs>`.
void append_members(std::string& url, const std::string& prefix, const nlohmann::json& members) {
  for (const auto& [name, value] : members.items()) {
    auto path = prefix;
    path.append(".").append(name);
    if (value.is_object())
      append_members(url, path, value);
    else
      append(url, path, value.get_ref<const std::string&>());
  }
}

std::string with_query(const std::string& url, std::string_view event, const call_record& call) {
  std::string asked = url.substr(0, url.find('#'));
  append(asked, "event", event);
  append_members(asked, "call", describe(call));
  for (const auto& [name, value] : call.variables)
    append(asked, "variables." + name, value);
  return asked;
}

} // namespace

result<flow::http_answer>
read_http_answer(const result<http_response>& answer,
                 const std::function<std::optional<std::chrono::seconds>(std::string_view)>& retry_after) {
  if (!answer)
    return tl::unexpected<error>(answer.error());
  const auto header = [&answer](const char* name) {
    const auto found = answer->headers.find(name);
    return found == answer->headers.end() ? std::string{} : found->second;
  };
  const auto encoding = header("content-encoding");
  if (!encoding.empty() && encoding != "identity")
    return fail(errc::malformed, "answer is compressed, although only identity was accepted");
  return flow::http_answer{answer->status, answer->body, header("location"),
                           retry_after(header("retry-after"))};
}

std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                            c == '-' || c == '.' || c == '_' || c == '~';
    encoded += unreserved ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

answer_request make_answer_request(const flow::fetch& what, const call_record& call) {
  const std::string_view event =
      what.kind == flow::fetch_kind::redirect ? "call.redirected" : "call.incoming";
  if (what.method == "GET")
    return {"GET", with_query(what.url, event, call), {}};
  const nlohmann::json body{{"event", event}, {"call", describe(call)}, {"variables", call.variables}};
  return {"POST", what.url, to_text(body)};
}

} // namespace plenary
