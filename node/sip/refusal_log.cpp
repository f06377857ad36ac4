#include "node/sip/refusal_log.hpp"

#include "node/sip/readable.hpp"

#include <array>
#include <string>
#include <utility>

namespace plenary::sip_layer {

namespace {

constexpr token_rate lines_of_one_source{0.1, 3};
constexpr token_rate lines_of_all{5, 20};
constexpr std::size_t most_sources = 1024;
constexpr std::size_t longest_foreign_text = 64;

constexpr std::array<std::pair<std::string_view, std::string_view>, 18> advice{{
    {"source", "If this is your carrier or phone system, add its address to inbound_ips of a [[trunk]]."},
    {"unknown_did", "If this number is yours, add a [[did]] with it."},
    {"full", "Raise sip.max_calls, or add a node."},
    {"draining", "The node is leaving: send calls to another one."},
    {"not_ready", "The node has not joined or is cut off: look at /readyz, and send calls to another one."},
    {"store", "Nothing can be stored: look at the disk or the database, and at /readyz."},
    {"trunk_calls", "This trunk has as many calls as it may: raise its max_calls if that is wanted."},
    {"trunk_setups",
     "This trunk's calls come faster than they may: raise its max_setups_per_s if that is wanted."},
    {"application_calls", "This application has as many calls as it may: raise its max_calls if wanted."},
    {"application_setups",
     "This application's calls come too fast: raise its max_setups_per_s if that is wanted."},
    {"address_calls", "This address has as many calls as it may: raise sip.max_calls_per_address if wanted."},
    {"address_setups",
     "This address's calls come too fast: raise sip.max_setups_per_s_per_address if wanted."},
    {"malformed", "The caller's message breaks RFC 3261: have its sender look at the detail."},
    {"unsupported", "The caller demands what is not built: have it offered without, see the detail."},
    {"session_interval", "The caller's session timer is shorter than 90 s: have it lengthened."},
    {"merged", "The INVITE came over two ways: look for a loop or a fork in front of the node."},
    {"not_acceptable",
     "The offer has no codec or encryption in common: look at the trunk's srtp and its codecs."},
    {"by_call", "The flow refused the call: look at the call's log lines and its answer_url."},
}};

/// By counter; those that stand not here were refused by the call.
constexpr std::array<std::pair<counter, std::string_view>, 17> reasons{{
    {counter::invites_refused_unknown_did, "unknown_did"},
    {counter::invites_refused_source, "source"},
    {counter::invites_refused_full, "full"},
    {counter::invites_refused_store, "store"},
    {counter::invites_refused_trunk_calls, "trunk_calls"},
    {counter::invites_refused_trunk_rate, "trunk_setups"},
    {counter::invites_refused_application_calls, "application_calls"},
    {counter::invites_refused_application_rate, "application_setups"},
    {counter::invites_refused_address_calls, "address_calls"},
    {counter::invites_refused_address_rate, "address_setups"},
    {counter::invites_refused_draining, "draining"},
    {counter::invites_refused_not_ready, "not_ready"},
    {counter::invites_refused_not_acceptable, "not_acceptable"},
    {counter::invites_refused_malformed, "malformed"},
    {counter::invites_refused_unsupported, "unsupported"},
    {counter::invites_refused_session_interval, "session_interval"},
    {counter::invites_refused_merged, "merged"},
}};

} // namespace

std::string_view reason_of(counter counted) {
  for (const auto& [which, reason] : reasons)
    if (which == counted)
      return reason;
  return "by_call";
}

std::size_t ip_hash::operator()(const ip_address& address) const noexcept {
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(address.data()), address.size()});
}

std::string_view advice_for(std::string_view reason) {
  for (const auto& [name, sentence] : advice)
    if (name == reason)
      return sentence;
  return "Look at the reason.";
}

refusal_log::refusal_log(logger& log, time_point now)
    : log_(log)
    , by_source_(lines_of_one_source, most_sources)
    , all_(lines_of_all, now) {}

void refusal_log::write(const ip_address& source, const refused_invite& invite, time_point now) {
  if (!by_source_.take(source, now) || !all_.take(now)) {
    ++held_back_;
    return;
  }
  const auto number = readable(invite.number, longest_foreign_text);
  log_.warning("sip_invite_refused", {{"call", invite.call},
                                      {"source", invite.source},
                                      {"number", std::string_view(number)},
                                      {"status", std::int64_t{invite.status}},
                                      {"reason", invite.reason},
                                      {"detail", invite.detail},
                                      {"what_to_do", advice_for(invite.reason)},
                                      {"held_back", std::exchange(held_back_, 0)}});
}

} // namespace plenary::sip_layer
