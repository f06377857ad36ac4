#pragma once

#include "node/sip/dialog_target.hpp"
#include "schema/result.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace plenary::sip_layer {

/// Proxies of a route set that are kept; an INVITE that names more makes no dialog. Real paths have a few.
inline constexpr std::size_t max_routes = 16;

/// Longest route set in bytes: it stands in each of our requests.
inline constexpr std::size_t max_route_bytes = 2048;

/// A request of ours inside a dialog.
struct dialog_request {
  const char* method = "BYE";
  std::uint32_t cseq = 0;
  std::string text;     ///< the headers behind CSeq, the empty line, the body
  bool stateful = true; ///< false for ACK
};

/// Who hears what becomes of a request; see libre's `sip_request`.
struct request_handlers {
  sip_send_h* on_send = nullptr;
  sip_resp_h* on_response = nullptr;
  void* self = nullptr;
};

/// The dialog that an INVITE to us opened (RFC 3261 12). Its requests go to the route set or the Contact only
/// where these lie inside the trunk's networks; else to where the INVITE, or the latest refresh, came from.
class dialog {
public:
  /// Fails with `malformed` for a Contact that is no SIP URI and for a route set above the limits.
  static result<dialog> accept(const sip_msg& invite, inside_check inside, std::string user_agent);

  const std::string& local_tag() const { return local_tag_; }

  /// True when Call-ID and both tags are those of this dialog.
  bool matches(const sip_msg& message) const;

  /// True when the message comes from the trunk's networks or from where requests of this dialog go.
  bool trusts(const sip_msg& message) const;

  /// True when the message comes from the trunk's networks.
  bool is_inside(const sip_msg& message) const { return inside_(to_address(message)); }

  /// Takes the CSeq of a request; false when it is not above that of the latest (RFC 3261 12.2.2).
  bool take_sequence(const sip_msg& request);

  /// A re-INVITE, an UPDATE or the 2xx to ours: the target and the flow that it names count from now on. One
  /// without a Contact changes no target.
  void refresh(const sip_msg& message);

  /// Nobody hears us any more where the INVITE came from (a closed connection): from now on the Contact
  /// counts. False when it cannot be reached either, or counts already.
  bool leave_flow();

  /// The CSeq of the next request.
  std::uint32_t next_sequence() { return ++local_sequence_; }

  /// Request URI of requests that are sent now.
  std::string target() const;

  /// Where requests that are sent now go.
  hop next_hop() const;

  /// Sends a request; `request` (may be null) then refers to it until its final answer. An errno otherwise.
  int send(::sip* stack, const dialog_request& what, const request_handlers& handlers,
           struct ::sip_request** request) const;

private:
  dialog() = default;

  static ip_address to_address(const sip_msg& message);
  std::string text_of(const dialog_request& what) const;

  inside_check inside_;
  std::string user_agent_;
  std::string call_id_;
  std::string local_tag_;
  std::string remote_tag_;
  std::string local_;  ///< value of our From
  std::string remote_; ///< value of our To
  std::vector<std::string> routes_;
  std::string first_route_; ///< its URI
  std::string contact_;     ///< URI
  std::string contact_user_;
  hop flow_;
  bool follows_flow_ = false;
  std::uint32_t local_sequence_ = 0;
  std::uint32_t remote_sequence_ = 0;
};

} // namespace plenary::sip_layer
