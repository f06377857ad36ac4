#include "node/sip/dialog_target.hpp"

#include "node/sip/message_reader.hpp"

#include <fmt/format.h>

namespace plenary::sip_layer {

namespace {

/// The URI that leads back to where the message came from.
std::string flow_uri(const sip_msg& message, const sip_addr& contact) {
  const auto user = view(contact.uri.user);
  return fmt::format("<sip:{}{}{}{}>", user, user.empty() ? "" : "@", to_text(message.src),
                     sip_transp_param(message.tp));
}

/// RFC 3261 section 25.1, `hostport`: an IPv6 address stands in brackets.
std::string host_and_port(const std::string& host, std::uint16_t port) {
  const bool is_v6 = host.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", host, port) : fmt::format("{}:{}", host, port);
}

/// Replaces the value of the Contact header for as long as it lives.
class contact_in_flow {
public:
  contact_in_flow(const sip_msg& message, bool flow) {
    if (!flow)
      return;
    header_ = const_cast<sip_hdr*>(sip_msg_hdr(&message, SIP_HDR_CONTACT));
    sip_addr contact{};
    if (header_ == nullptr || sip_addr_decode(&contact, &header_->val) != 0) {
      header_ = nullptr;
      return;
    }
    original_ = header_->val;
    uri_ = flow_uri(message, contact);
    header_->val = to_pl(uri_);
  }
  contact_in_flow(const contact_in_flow&) = delete;
  contact_in_flow& operator=(const contact_in_flow&) = delete;
  ~contact_in_flow() {
    if (header_ != nullptr)
      header_->val = original_;
  }

private:
  sip_hdr* header_ = nullptr;
  pl original_{};
  std::string uri_;
};

bool contact_is_name(const sip_msg& message) {
  const auto* header = sip_msg_hdr(&message, SIP_HDR_CONTACT);
  sip_addr contact{};
  if (header == nullptr || sip_addr_decode(&contact, &header->val) != 0)
    return false;
  return !parse_ip(view(contact.uri.host));
}

} // namespace

bool needs_flow_target(const sip_msg& invite) {
  const bool direct =
      sip_msg_hdr_count(&invite, SIP_HDR_VIA) == 1 && sip_msg_hdr_count(&invite, SIP_HDR_RECORD_ROUTE) == 0;
  if (!direct)
    return false;
  if (invite.tp != SIP_TRANSP_UDP)
    return true;
  sa sent_by = invite.via.addr;
  if (sa_isset(&sent_by, SA_ADDR) && sa_port(&sent_by) == 0)
    sa_set_port(&sent_by, SIP_PORT);
  return !sa_cmp(&sent_by, &invite.src, SA_ALL) || contact_is_name(invite);
}

int accept_dialog(re_ptr<sip_dialog>& dialog, const sip_msg& invite, bool flow) {
  contact_in_flow replaced(invite, flow);
  return sip_dialog_accept(dialog.out(), &invite);
}

int update_dialog(sip_dialog* dialog, const sip_msg& message, bool flow) {
  contact_in_flow replaced(message, flow);
  return sip_dialog_update(dialog, &message);
}

std::string contact_header(::sip* stack, const sip_msg& request, const std::string& advertise) {
  sa local = request.dst;
  if (!sa_isset(&local, SA_ADDR)) {
    // Listening on the wildcard address: the one that faces the caller.
    sa facing;
    if (sip_transp_laddr(stack, &facing, request.tp, &request.src) == 0) {
      sa_set_port(&facing, sa_port(&local));
      local = facing;
    }
  }
  const auto user = view(request.uri.user);
  const auto host = advertise.empty() ? to_text(local) : host_and_port(advertise, sa_port(&local));
  return fmt::format("Contact: <sip:{}{}{}{}>\r\n", user, user.empty() ? "" : "@", host,
                     sip_transp_param(request.tp));
}

} // namespace plenary::sip_layer
