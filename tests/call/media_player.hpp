#pragma once

#include "actors/call/media_path.hpp"
#include "tests/call/two_rooms.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace plenary::media_path {

/// Names what the call is told.
struct told_namer {
  std::string operator()(const opened& what) const {
    return what.leg ? "leg_opened " + what.leg->sdp
                    : fmt::format("leg_opened !{}", to_string(what.leg.error().code));
  }
  std::string operator()(const replaced& what) const { return "leg_replaced " + what.sdp; }
  std::string operator()(const answer_taken& what) const {
    return what.done ? "leg_completed" : fmt::format("leg_completed !{}", to_string(what.done.error().code));
  }
  std::string operator()(const joined& what) const { return "room_joined " + what.room.name; }
  std::string operator()(const failed& what) const {
    return fmt::format("join_failed !{}", to_string(what.why.code));
  }
  std::string operator()(const left& what) const {
    return what.failure ? fmt::format("left_room !{}", to_string(what.failure->code)) : "left_room";
  }
  std::string operator()(const fell_silent&) const { return "media_timeout"; }
  std::string operator()(const answer_unusable&) const { return "hang_up not_acceptable"; }
};

/// Names an effect in a few words.
struct path_namer {
  std::string operator()(const locate& what) const { return "locate " + what.room.name; }
  std::string operator()(const make_leg& what) const {
    return fmt::format("make {} at {}{}", what.number, what.room ? what.room->name : "-",
                       what.continuing ? " after " + what.continuing->local : "");
  }
  std::string operator()(const send_offer& what) const { return "offer " + what.sdp; }
  std::string operator()(const complete_leg& what) const {
    return fmt::format("complete {} {}", what.number, what.answer);
  }
  std::string operator()(const enter& what) const {
    return fmt::format("enter {} {} of {}{}{}", what.number, what.what.room.name, what.epoch,
                       what.what.how.muted ? " mute" : "", what.what.how.end_on_exit ? " end" : "");
  }
  std::string operator()(const exit_leg& what) const { return fmt::format("exit {}", what.number); }
  std::string operator()(const close_leg& what) const { return fmt::format("close {}", what.number); }
  std::string operator()(const renegotiate_leg& what) const {
    return fmt::format("renegotiate {}", what.number);
  }
  std::string operator()(const answer_offer& what) const { return "answer " + what.sdp; }
  std::string operator()(const refuse_offer&) const { return "refuse"; }
  std::string operator()(const wait& what) const { return fmt::format("wait {}", what.delay.count()); }
  std::string operator()(const start_patience&) const { return "clock"; }
  std::string operator()(const tell& what) const { return "tell " + std::visit(told_namer{}, what.what); }
  std::string operator()(const move_started&) const { return "move"; }
  std::string operator()(const move_ended& what) const { return what.done ? "moved" : "move_failed"; }
};

/// Drives the machine and keeps all effects.
class path_player {
public:
  /// One step; gives its effects as one line.
  std::string tell(const event& what) {
    auto [next, effects] = step(std::move(now), what);
    now = std::move(next);
    std::string line;
    for (auto& each : effects) {
      line += (line.empty() ? "" : ", ") + std::visit(path_namer{}, each);
      all.push_back(std::move(each));
    }
    return line;
  }

  std::string found(const std::string& node, std::uint64_t epoch = 1) {
    return tell(located{now.pursuit.turn, peer::room_place{{node}, epoch}});
  }
  std::string not_found(errc code) { return tell(located{now.pursuit.turn, fail(code, "not now")}); }
  std::string made(std::uint32_t number, const std::string& node) {
    return tell(leg_made{number, made_leg{{node}, {7, number, fmt::format("sdp{}", number)}}});
  }
  std::string made_not(std::uint32_t number, errc code) { return tell(leg_made{number, fail(code, "no")}); }
  std::string answered(const std::string& sdp = "yes") { return tell(offer_answered{sdp}); }
  std::string refused(errc code = errc::unavailable) { return tell(offer_answered{fail(code, "491")}); }
  std::string waited_long() { return tell(waited{now.pursuit.turn}); }
  std::string too_long() { return tell(patience_over{now.pursuit.deadline}); }

  /// A caller whose leg 1 is open on node-a.
  void open() {
    tell(place{room_a});
    made(1, "node-a");
  }

  /// A caller who is answered and stands in room `a`, owned by node-a.
  void talk(bool mute = false, bool end_on_exit = false) {
    open();
    tell(join{{room_a, {mute, end_on_exit}}});
    found("node-a");
    tell(entered{1, {}});
    tell(accepted{});
  }

  state now;
  std::vector<effect> all;
};

} // namespace plenary::media_path
