#pragma once

#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <optional>
#include <string>
#include <variant>

/// What the media path tells the call whose media it leads.
namespace plenary::media_path {

/// Our description for the caller.
struct opened_leg {
  std::string sdp;
  bool is_offer = false; ///< true when the INVITE had no SDP
};

/// The first leg, or why there is none; always follows `place`.
struct opened {
  result<opened_leg> leg;
};
/// The leg was lost before the 200 and another one made: this is what the caller is to hear.
struct replaced {
  std::string sdp;
};
/// The leg took the caller's answer, or could not; always follows `complete`.
struct answer_taken {
  result<void> done;
};
/// The caller is in the room that `join` named.
struct joined {
  room_key room;
};
/// It could not be brought there.
struct failed {
  error why;
};
/// The caller is out of the room: asked, removed, or the room ended. `failure` when the room was lost.
struct left {
  std::optional<error> failure;
};
/// No media has arrived for the configured time.
struct fell_silent {};
/// The caller's answer to our re-INVITE does not fit: there is no media any more.
struct answer_unusable {};

using news = std::variant<opened, replaced, answer_taken, joined, failed, left, fell_silent, answer_unusable>;

} // namespace plenary::media_path
