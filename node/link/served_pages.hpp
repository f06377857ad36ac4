#pragma once

#include "schema/peer_codec.hpp"

namespace plenary::link {

/// Fills the first page of a list of calls; the rest is fetched through the page's `rest`.
void write_page(wire::CallPage::Builder page, std::vector<call_record> calls);

/// The same for a room's participants.
void write_page(wire::RoomPage::Builder page, room_snapshot room);

} // namespace plenary::link
