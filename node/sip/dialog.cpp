#include "node/sip/dialog.hpp"

#include "node/sip/message_reader.hpp"

#include <fmt/format.h>

namespace plenary::sip_layer {

namespace {

/// The address in a header, when it is one.
std::optional<sip_addr> address_in(std::string_view value) {
  sip_addr address{};
  const auto text = to_pl(value);
  if (sip_addr_decode(&address, &text) != 0)
    return std::nullopt;
  return address;
}

/// False when nothing here speaks the transport or the address family of the hop.
bool can_reach(::sip* stack, const hop& to) {
  const auto transport = to.transport == signalling_transport::tls   ? SIP_TRANSP_TLS
                         : to.transport == signalling_transport::tcp ? SIP_TRANSP_TCP
                                                                     : SIP_TRANSP_UDP;
  sa remote{};
  sa local{};
  return sa_set_str(&remote, to.host.c_str(), to.port) == 0 &&
         sip_transp_laddr(stack, &local, transport, &remote) == 0;
}

std::optional<sip_addr> contact_of(const sip_msg& message) {
  const auto* header = sip_msg_hdr(&message, SIP_HDR_CONTACT);
  return header == nullptr ? std::nullopt : address_in(view(header->val));
}

} // namespace

ip_address dialog::to_address(const sip_msg& message) {
  return to_ip(message.src);
}

result<dialog> dialog::accept(const sip_msg& invite, inside_check inside, std::string user_agent) {
  const auto contact = contact_of(invite);
  if (!contact)
    return fail(errc::malformed, "INVITE without a Contact that can be read");
  dialog made;
  std::size_t route_bytes = 0;
  for (const auto route : header_values(invite, SIP_HDR_RECORD_ROUTE)) {
    const auto address = address_in(route);
    route_bytes += route.size();
    if (!address || made.routes_.size() == max_routes || route_bytes > max_route_bytes)
      return fail(errc::malformed, "INVITE with a Record-Route that is unreadable or too long");
    if (made.routes_.empty())
      made.first_route_ = view(address->auri);
    made.routes_.emplace_back(route);
  }
  made.inside_ = std::move(inside);
  made.user_agent_ = std::move(user_agent);
  made.call_id_ = view(invite.callid);
  made.local_tag_ = fmt::format("{:016x}", invite.tag); // as libre writes it into the answers
  made.remote_tag_ = view(invite.from.tag);
  made.local_ = fmt::format("{};tag={}", view(invite.to.val), made.local_tag_);
  made.remote_ = view(invite.from.val);
  made.follows_flow_ = needs_flow_target(invite);
  made.local_sequence_ = rand_u16();
  made.remote_sequence_ = invite.cseq.num;
  made.refresh(invite);
  return made;
}

bool dialog::matches(const sip_msg& message) const {
  const auto& ours = message.req ? message.to : message.from;
  const auto& theirs = message.req ? message.from : message.to;
  return view(message.callid) == call_id_ && view(ours.tag) == local_tag_ && view(theirs.tag) == remote_tag_;
}

bool dialog::trusts(const sip_msg& message) const {
  return is_inside(message) || source_of(message) == flow_;
}

bool dialog::take_sequence(const sip_msg& request) {
  if (request.cseq.num <= remote_sequence_)
    return false;
  remote_sequence_ = request.cseq.num;
  return true;
}

void dialog::refresh(const sip_msg& message) {
  if (is_inside(message))
    flow_ = source_of(message);
  if (const auto contact = contact_of(message)) {
    contact_ = view(contact->auri);
    contact_user_ = view(contact->uri.user);
  }
}

bool dialog::leave_flow() {
  if (!follows_flow_ || !reachable_hop(contact_, inside_))
    return false;
  follows_flow_ = false;
  return true;
}

std::string dialog::target() const {
  const bool reached = !routes_.empty() || (!follows_flow_ && reachable_hop(contact_, inside_));
  return reached ? contact_ : uri_of(flow_, contact_user_);
}

hop dialog::next_hop() const {
  if (follows_flow_)
    return flow_;
  return reachable_hop(routes_.empty() ? contact_ : first_route_, inside_).value_or(flow_);
}

std::string dialog::text_of(const dialog_request& what) const {
  std::string text = "Max-Forwards: 70\r\n";
  for (const auto& route : routes_)
    text += fmt::format("Route: {}\r\n", route);
  return text + fmt::format("To: {}\r\nFrom: {}\r\nCall-ID: {}\r\nCSeq: {} {}\r\nUser-Agent: {}\r\n{}",
                            remote_, local_, call_id_, what.cseq, what.method, user_agent_, what.text);
}

int dialog::send(::sip* stack, const dialog_request& what, const request_handlers& handlers,
                 struct ::sip_request** request) const {
  const auto text = text_of(what);
  re_ptr<mbuf> message(mbuf_alloc(text.size()));
  if (!message ||
      mbuf_write_mem(message.get(), reinterpret_cast<const std::uint8_t*>(text.data()), text.size()) != 0)
    return ENOMEM;
  message->pos = 0;
  auto chosen = next_hop();
  if (!can_reach(stack, chosen))
    chosen = flow_;
  const auto to = uri_of(chosen);
  const auto place = to_pl(to);
  uri route{};
  if (const int error = uri_decode(&route, &place))
    return error;
  const auto uri_text = target();
  return sip_request(request, stack, what.stateful, what.method, -1, uri_text.c_str(),
                     static_cast<int>(uri_text.size()), &route, message.get(), 0, handlers.on_send,
                     handlers.on_response, handlers.self);
}

} // namespace plenary::sip_layer
