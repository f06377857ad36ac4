#pragma once

#include "actors/call/dialog.hpp"
#include "actors/call/in_room.hpp"

/// What the call does: one action of its flow at a time, or none. Each kind of action that takes time is an
/// alternative with files of its own and says there what each event means to it; this is the dispatch.
///
///   [idle] --begin--> [an alternative] --finished, stopped--> [idle]
///
/// An action begins when the caller's side stands as `needs_of` asks for. A further one adds its struct to
/// `flow::call_action`, a file pair, and an alternative here.
namespace plenary::activity {

struct idle {};

using state = std::variant<idle, in_room>;

struct outcome {
  state next;
  effects wants;
};

/// What the action needs of the caller's side before it begins.
call_machine::needs needs_of(const flow::call_action& what);

/// The action runs for this call. None may be running.
outcome begin(const flow::call_action& what, const call_record& of);

/// One step. An event that has no meaning for the action that runs changes nothing.
outcome step(state before, const event& what);

} // namespace plenary::activity
