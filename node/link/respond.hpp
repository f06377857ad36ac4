#pragma once

#include "node/link/node_server.hpp"
#include "node/link/served_pages.hpp"
#include "schema/peer_codec.hpp"

#include <kj/debug.h>

namespace plenary::link {

/// What a connection's capabilities ask; dead when the link has ended.
using handler_pointer = std::weak_ptr<call_handler>;

/// Write a reply into a call's results; into results of another kind, an error.
inline void fill(wire::Outcome<wire::Done>::Builder to, const peer::done&) {
  to.initValue();
}
inline void fill(wire::Outcome<wire::RoomPlace>::Builder to, const room_place& value) {
  wire::write(to.initValue(), value);
}
inline void fill(wire::Outcome<wire::CallPage>::Builder to, std::vector<call_record>& value) {
  write_page(to.initValue(), std::move(value));
}
inline void fill(wire::Outcome<wire::CallPage>::Builder to, std::optional<call_record>& value) {
  auto calls = to.initValue().initCalls(value ? 1 : 0);
  if (value)
    wire::write(calls[0], *value);
}
inline void fill(wire::Outcome<wire::RoomPage>::Builder to, room_snapshot& value) {
  write_page(to.initValue(), std::move(value));
}
inline void fill(wire::Outcome<wire::LegReply>::Builder to, const leg_reply& value) {
  wire::write(to.initValue(), value);
}

template <class Builder>
void fill_misfit(Builder to) {
  wire::write(to.initError(), error{errc::internal, "the answer does not fit the request"});
}

// An order's reply, for nodes of protocol 1.
inline void fill(wire::Outcome<wire::Done>::Builder to, const leg_reply&) {
  to.initValue();
}
inline void fill(wire::Outcome<wire::SdpSession>::Builder to, const leg_reply& value) {
  const auto* media = std::get_if<sdp_session>(&value);
  media != nullptr ? wire::write(to.initValue(), *media) : fill_misfit(to);
}
inline void fill(wire::Outcome<wire::RoomPlace>::Builder to, const leg_reply& value) {
  const auto* place = std::get_if<room_place>(&value);
  place != nullptr ? wire::write(to.initValue(), *place) : fill_misfit(to);
}

/// Has a request served and writes what comes back, a `Request::reply` or an error, into the call's results.
template <class Request, class Context>
kj::Promise<void> respond(const handler_pointer& handler, Context context, Request what) {
  context.releaseParams();
  auto alive = handler.lock();
  if (!alive)
    return KJ_EXCEPTION(DISCONNECTED, "the link has ended");
  return alive->serve(std::move(what)).then([context](result<peer_reply>&& got) mutable {
    auto results = context.initResults();
    if (!got)
      return wire::write(results.initError(), got.error());
    if (auto* value = std::get_if<typename Request::reply>(&*got))
      return fill(results, *value);
    fill_misfit(results);
  });
}

/// A call that cannot even be put as a request.
template <class Context>
kj::Promise<void> respond_error(Context context, const error& why) {
  wire::write(context.initResults().initError(), why);
  return kj::READY_NOW;
}

} // namespace plenary::link
