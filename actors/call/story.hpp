#pragma once

#include "schema/call.hpp"
#include "schema/call_failure.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace plenary::call_machine {

/// An event of the call for the outbox.
struct told {
  std::string name; ///< for example `call.answered`
  std::uint64_t sequence = 0;
  nlohmann::json data; ///< an object
};

/// To be done: store record and events in one transaction [committed].
struct commit {
  call_record record;
  std::vector<told> events;
};

/// What is told of a call: its record, and the events that are committed with it, one commit at a time.
///
///   [untold] --create--> [running] --end--> [closing] --tell_end--> [ending] --committed, or not--> [over]
///                         |     ^                ^
///                   answer+-----+committed       +-- waits for the commit under way
///
/// A commit that fails takes its event back: it did not happen. Without `call.created` there is no story at
/// all: [over]. The first cause of the end counts, and the end is told once.
struct story {
  enum class phase : std::uint8_t { untold, running, closing, ending, over };
  /// What the commit under way tells.
  enum class telling : std::uint8_t { nothing, created, answered, end };
  /// What the end of a commit means for the call.
  enum class upshot : std::uint8_t {
    nothing,
    created,
    answered,
    taken_back, ///< the event is not stored, so it did not happen
    end_is_due, ///< the call is to end: tell_end()
    over        ///< nothing more is told
  };

  call_record record; ///< as it is told next; at the start ids, numbers and node
  phase now = phase::untold;
  telling committing = telling::nothing;
  std::optional<hangup_cause> cause{};      ///< of the end; set once
  call_ending ended_by = call_ending::node; ///< beside it

  commit create(wall_time at);
  /// It is answered now; `failure` is the latest that went wrong, here and below.
  commit answer(wall_time at, const std::optional<call_failure>& failure);
  /// An earlier process has told the beginning; false when it has told the end, too.
  bool resume();
  /// The call is to end. False when it ends already, or when there is no story to end.
  bool end(hangup_cause why, call_ending by);
  /// Nothing while another commit is under way.
  std::optional<commit> tell_end(wall_time at, const std::optional<call_failure>& failure);
  upshot committed(bool stored);

private:
  commit tell(const std::string& name, telling what, const std::optional<call_failure>& failure);
};

} // namespace plenary::call_machine
