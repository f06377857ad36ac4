#include "actors/call/offers.hpp"

#include <utility>

namespace plenary::media_path {

std::optional<send_offer> offers::offer(const leg& to) {
  if (offered)
    return std::nullopt;
  offered = {to.number, to.session};
  return send_offer{to.session.local};
}

std::optional<std::uint32_t> offers::settle(bool accepted) {
  if (!offered)
    return std::nullopt;
  auto settled = *std::exchange(offered, std::nullopt);
  if (accepted)
    session = std::move(settled.session);
  return settled.number;
}

std::variant<renegotiate_leg, refuse_offer> offers::receive(std::optional<std::uint32_t> to,
                                                            std::optional<std::string> offer) {
  if (!to || offered || theirs != caller_offer::none)
    return refuse_offer{{errc::unavailable, "the call's media is being moved"}};
  theirs = caller_offer::asked;
  comes_in_200 = !offer;
  return renegotiate_leg{*to, std::move(offer)};
}

std::optional<std::variant<answer_offer, refuse_offer>> offers::take(const result<sdp_session>& said,
                                                                     bool is_there) {
  if (theirs != caller_offer::asked)
    return std::nullopt;
  const bool taken = said && is_there;
  theirs = taken && comes_in_200 ? caller_offer::confirming : caller_offer::none;
  if (!taken)
    return refuse_offer{said ? error{errc::unavailable, "the leg is lost"} : said.error()};
  session = *said;
  return answer_offer{said->local};
}

bool offers::confirm() {
  if (theirs != caller_offer::confirming)
    return false;
  theirs = caller_offer::none;
  return true;
}

} // namespace plenary::media_path
