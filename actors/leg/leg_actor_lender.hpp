#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/leg/leg_protocol.hpp"
#include "actors/leg/lending.hpp"

#include <functional>
#include <memory>

namespace plenary {

/// A part of the leg's actor: owns the stream, lends it to rooms of the node as `lending` says, and is the
/// only way to it.
class stream_lender {
public:
  /// `on_left` hears when the leg is in no room any more, once for each join that was answered with success.
  void start(leg_interface::pointer self, call_id call, directory_actor directory, const node_edges& edges,
             std::function<void(leave_reason)> on_left);

  bool has_stream() const { return stream_ != nullptr; }

  /// The stream that the first agreement made.
  void take(audio::duplex_stream&& made);

  /// The stream while the leg itself may touch it, or null.
  audio::duplex_stream* at_home() { return lending_.is_here() ? stream_.get() : nullptr; }

  /// Has a change of the stream carried out by whoever has it, once. There must be one.
  void change(audio::stream_change&& what);

  /// Goes into a room; answered once. Fails at once without a stream, or when it is not at home or asked for.
  void enter(lending::wish what, std::function<void(result<room_joined>)> answer);

  void leave();

  /// The leg ends: who waits is answered, the room lets the stream go.
  void close();

  void on_removed(const removed_from_room& message);
  void on_overdue(const join_overdue& message);

  /// Somebody who was watched has ended: the room, perhaps.
  void on_down(const caf::actor_addr& source);

private:
  void hear(const lending::event& what);
  void perform(const lending::ask& what);
  void perform(const lending::lend& what);
  void perform(const lending::watch& what);
  void perform(const lending::unwatch& what);
  void perform(const lending::take_leave& what);
  void perform(const lending::take_back& what);
  void perform(const lending::apply_here& what);
  void perform(const lending::send_on& what);
  void perform(const lending::answer& what);
  void perform(const lending::tell_left& what);

  leg_interface::pointer self_ = nullptr;
  call_id call_;
  directory_actor directory_;
  const node_edges* edges_ = nullptr;
  std::function<void(leave_reason)> on_left_;

  std::shared_ptr<audio::duplex_stream> stream_;
  lending::state lending_;
  std::function<void(result<room_joined>)> joining_; ///< answers who wants in; empty: nobody does
  room_actor room_;                                  ///< that was found on the latest turn
};

} // namespace plenary
