#include "node/sip/dispatcher.hpp"

#include "node/sip/caller_headers.hpp"
#include "node/sip/message_reader.hpp"
#include "node/sip/reason_header.hpp"
#include "schema/called_number.hpp"

#include <fmt/format.h>

#include <array>

namespace plenary::sip_layer {

namespace {

/// Answers that nothing is kept of need the same To tag each time (RFC 3261 8.2.7).
void make_tag_repeatable(const sip_msg& request) {
  const std::hash<std::string_view> hash;
  const_cast<sip_msg&>(request).tag =
      hash(view(request.callid)) * 31 + hash(view(request.via.branch)) * 17 + hash(view(request.from.tag));
}

/// The address that a request came from, without its port.
std::string source_host(const sip_msg& request) {
  std::array<char, 64> text{};
  return sa_ntop(&request.src, text.data(), static_cast<int>(text.size())) == 0 ? std::string(text.data())
                                                                                : std::string();
}

message_refusal plain(int status) {
  return {status, std::string(reason_phrase(status)), {}};
}

call_origin origin_of(const admitted_call& call, const sip_msg& invite) {
  return {call.trunk->name, call.owner.application, call.owner.customer, to_ip(invite.src)};
}

} // namespace

dispatcher::dispatcher(::sip* stack, const sip_settings& settings, const admission& gate,
                       edge_observers observers, edge_state& state, refusal_log& refused)
    : stack_(stack)
    , settings_(settings)
    , gate_(gate)
    , observers_(observers)
    , state_(state)
    , ids_(settings.node)
    , environment_{stack,
                   settings,
                   observers.listener,
                   observers.counters,
                   observers.log,
                   [this](session& gone) {
                     limits_.end(gone.id());
                     callers_.erase(gone.id());
                     calls_.retire(gone);
                     count_calls();
                   },
                   state.packet_source}
    , refused_(refused)
    , limits_(settings.limits) {}

void dispatcher::on_request(const sip_msg& request) {
  if (const auto wrong = check_request(read_request(request))) {
    if (wrong->status == 400)
      observers_.counters.count(counter::sip_messages_malformed);
    if (view(request.met) == "INVITE")
      refuse_invite(request, *wrong,
                    wrong->status == 400 ? counter::invites_refused_malformed
                                         : counter::invites_refused_unsupported);
    else
      respond(request, *wrong);
  } else if (pl_isset(&request.to.tag)) {
    on_dialog_request(request);
  } else if (view(request.met) == "INVITE") {
    on_invite(request);
  } else if (view(request.met) == "OPTIONS") {
    if (reason_to_wait()) // as an INVITE would be (RFC 3261 11.2)
      respond(request, try_later());
    else
      answer_options(request);
  } else {
    respond(request, plain(481));
  }
}

void dispatcher::on_dialog_request(const sip_msg& request) {
  auto* call = calls_.of_dialog(request);
  if (call == nullptr || view(request.met) == "CANCEL")
    respond(request, plain(481)); // a CANCEL that reaches us has no transaction
  else if (!call->trusts(request))
    refuse_foreign(request);
  else if (view(request.met) == "OPTIONS")
    answer_options(request);
  else
    call->on_request(request);
}

/// Tags are no proof: whoever saw one message knows them. Another trunk hears 403, a stranger nothing.
void dispatcher::refuse_foreign(const sip_msg& request) const {
  observers_.counters.count(counter::dialog_requests_refused_source);
  if (gate_.trunk_of(to_ip(request.src)) != nullptr)
    respond(request, plain(403));
}

bool dispatcher::on_stray_response(const sip_msg& response) {
  if (response.scode < 200 || response.scode > 299 || view(response.cseq.met) != "INVITE")
    return false;
  auto* call = calls_.of_dialog(response);
  if (call == nullptr)
    return false;
  observers_.counters.count(counter::sip_retransmissions);
  call->on_repeated_ok(response);
  return true;
}

void dispatcher::on_invite(const sip_msg& invite) {
  if (calls_.has_merged(invite)) {
    refuse_invite(invite, plain(482), counter::invites_refused_merged); // RFC 3261 8.2.2.2
    return;
  }
  auto call = gate_.admit(to_ip(invite.src), called_user(invite));
  if (!call && call.error() == admission_refusal::unknown_source) {
    refuse_invite(invite, plain(403), counter::invites_refused_source);
  } else if (const auto reason = reason_to_wait()) {
    refuse_for_now(invite, *reason);
  } else if (!call) {
    refuse_invite(invite, plain(404), counter::invites_refused_unknown_did);
  } else if (const auto reached = limits_.admit(origin_of(*call, invite), std::chrono::steady_clock::now())) {
    refuse_for_limit(invite, *reached);
  } else {
    const timer_policy policy{settings_.session_expires, settings_.min_session_expires};
    if (const auto timer = answer_timer(read_timer(invite), policy))
      open(invite, *call, *timer);
    else
      refuse_invite(
          invite,
          {422, std::string(reason_phrase(422)), fmt::format("Min-SE: {}\r\n", timer.error().min_se.count())},
          counter::invites_refused_session_interval);
  }
}

void dispatcher::open(const sip_msg& invite, const admitted_call& call, const timer_agreement& timer) {
  const auto id = ids_.next(std::chrono::system_clock::now());
  auto opened = std::make_unique<session>(environment_, id, call.trunk);
  if (const auto started = opened->start(invite, timer); !started) {
    if (started.error().code == errc::malformed)
      refuse_invite(invite, plain(400), counter::invites_refused_malformed);
    return;
  }
  callers_[id] = {to_ip(invite.src), to_text(invite.src), std::string(called_user(invite))};
  calls_.insert(invite, std::move(opened));
  limits_.begin(id, origin_of(call, invite));
  count_calls();
  observers_.listener.on_invite(
      {id, call.owner.customer, call.owner.application, call.trunk->name, call.trunk->srtp,
       read_caller(invite), to_e164(call.number).value_or(call.number), read_sdp(invite),
       std::string(view(invite.callid)), read_caller_details(invite, *call.trunk, call.owner.headers),
       source_host(invite)});
}

void dispatcher::respond(const sip_msg& request, const message_refusal& answer) const {
  if (view(request.met) == "ACK") // never answered (RFC 3261 17)
    return;
  make_tag_repeatable(request);
  sip_replyf(stack_, &request, static_cast<std::uint16_t>(answer.status), answer.reason.c_str(),
             "%sContent-Length: 0\r\n\r\n", answer.headers.c_str());
}

void dispatcher::refuse_invite(const sip_msg& invite, const message_refusal& why, counter counted) {
  const auto address = to_text(invite.src);
  note_refusal(to_ip(invite.src), {address, called_user(invite), why.status, reason_of(counted), why.reason},
               counted);
  respond(invite, why);
}

/// Why no new call is taken at this moment, as it is counted.
std::optional<counter> dispatcher::reason_to_wait() const {
  if (state_.draining)
    return counter::invites_refused_draining;
  if (settings_.takes_calls && !settings_.takes_calls())
    return counter::invites_refused_not_ready;
  if (calls_.size() >= settings_.max_calls || state_.commands.backlog() > settings_.max_backlog)
    return counter::invites_refused_full;
  if (!can_store())
    return counter::invites_refused_store;
  return std::nullopt;
}

message_refusal dispatcher::try_later() const {
  auto answer = plain(503);
  answer.headers = fmt::format("Retry-After: {}\r\n", settings_.retry_after.count());
  return answer;
}

void dispatcher::note_refusal(const ip_address& source, const refused_invite& what, counter counted) {
  observers_.counters.count(counted);
  refused_.write(source, what, std::chrono::steady_clock::now());
}

void dispatcher::reject(const call_id& id, const rejection& why) {
  auto* call = calls_.find(id);
  const auto caller = callers_.find(id);
  if (call == nullptr || caller == callers_.end() || !call->proceeding())
    return;
  const auto& place = caller->second;
  auto detail = why.reason.empty() ? std::string(reason_phrase(why.status)) : why.reason;
  if (!why.detail.empty())
    detail += ": " + why.detail;
  const auto counted = why.status == 488 || why.status == 606 ? counter::invites_refused_not_acceptable
                                                              : counter::invites_refused_by_call;
  note_refusal(place.ip, {place.address, place.number, why.status, reason_of(counted), detail, id.value},
               counted);
  call->reject(why);
}

void dispatcher::refuse_for_now(const sip_msg& invite, counter counted) {
  refuse_invite(invite, try_later(), counted);
}

void dispatcher::refuse_for_limit(const sip_msg& invite, const reached_limit& why) {
  if (why.tell)
    observers_.log.info("sip_limit_reached", {{"limit", why.limit},
                                              {"name", std::string_view(why.name)},
                                              {"most", why.bound},
                                              {"retry_after_s", std::int64_t(why.retry_after.count())}});
  auto answer = plain(503);
  answer.headers = fmt::format("Retry-After: {}\r\n", why.retry_after.count());
  refuse_invite(invite, answer, why.counted);
}

void dispatcher::answer_options(const sip_msg& request) const {
  respond(request,
          {200, "OK",
           fmt::format("Allow: {}\r\nAccept: application/sdp\r\nSupported: timer\r\n", allowed_methods)});
}

void dispatcher::shut_down() {
  calls_.for_each([](session& call) { call.shut_down(); });
}

void dispatcher::count_calls() {
  state_.active_calls = calls_.size();
}

} // namespace plenary::sip_layer
