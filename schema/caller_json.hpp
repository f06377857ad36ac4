#pragma once

#include "schema/call.hpp"

namespace plenary {

/// Adds what the caller's signalling said to a call object of requests and events: `sip_call_id`,
/// `asserted_identity`, `privacy`, `diversion` {`from`, `reason`}, `headers`. What was not said is left out.
template <class Json>
void add_caller(Json& members, const call_record& call) {
  const auto add = [](Json& to, const char* name, const std::string& text) {
    if (!text.empty())
      to[name] = text;
  };
  add(members, "sip_call_id", call.sip_call_id);
  add(members, "asserted_identity", call.caller.asserted_identity);
  add(members, "privacy", call.caller.privacy);
  if (!call.caller.diverted_from.empty()) {
    members["diversion"] = Json::object();
    add(members["diversion"], "from", call.caller.diverted_from);
    add(members["diversion"], "reason", call.caller.diversion_reason);
  }
  for (const auto& [name, value] : call.caller.headers)
    members["headers"][name] = value;
}

/// `code`, `message`, `reason` and `detail`, as events and answers show what went wrong in a call.
template <class Json>
Json failure_json(const call_failure& failure) {
  return {{"code", to_string(failure.code)},
          {"message", message_of(failure.code)},
          {"reason", to_string(failure.reason)},
          {"detail", failure.detail}};
}

} // namespace plenary
