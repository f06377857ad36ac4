#include "actors/leg/leg_actor_lender.hpp"

#include "actors/edge/log.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary {

namespace {

/// A join that takes longer fails with `conference_unavailable`.
constexpr std::chrono::seconds join_deadline{5};

} // namespace

void stream_lender::start(leg_interface::pointer self, call_id call, directory_actor directory,
                          const node_edges& edges, std::function<void(leave_reason)> on_left) {
  self_ = self;
  call_ = std::move(call);
  directory_ = std::move(directory);
  edges_ = &edges;
  on_left_ = std::move(on_left);
}

void stream_lender::take(audio::duplex_stream&& made) {
  PLENARY_ASSERT(stream_ == nullptr);
  stream_ = std::make_shared<audio::duplex_stream>(std::move(made));
}

void stream_lender::change(audio::stream_change&& what) {
  hear(lending::change{std::make_shared<audio::stream_change>(std::move(what))});
}

void stream_lender::enter(lending::wish what, std::function<void(result<room_joined>)> answer) {
  if (!stream_ || lending_.now != lending::phase::free)
    return answer(fail(errc::conference_unavailable, "the leg has no media or is in a room"));
  joining_ = std::move(answer);
  hear(lending::enter{std::move(what)});
}

void stream_lender::leave() {
  hear(lending::leave{});
}

void stream_lender::close() {
  hear(lending::close{});
}

void stream_lender::on_removed(const removed_from_room& message) {
  // What a room says that is not the stream's any more means nothing.
  const auto& sender = self_->current_sender();
  if (!sender || (room_ && sender->address() == room_->address()))
    hear(lending::removed{message.reason});
}

void stream_lender::on_overdue(const join_overdue& message) {
  hear(lending::overdue{message.turn});
}

void stream_lender::on_down(const caf::actor_addr& source) {
  if (lending_.is_here() || !room_ || source != room_->address())
    return;
  // Its mixer and batch are gone; the call finds a new room.
  edges_->log->warning("room_lost", {{"call", call_.value}, {"room", lending_.wanted.room.name}});
  hear(lending::lost{});
}

void stream_lender::hear(const lending::event& what) {
  auto [next, effects] = lending::step(std::move(lending_), what);
  lending_ = std::move(next);
  for (const auto& each : effects)
    std::visit([this](const auto& one) { perform(one); }, each);
}

void stream_lender::perform(const lending::ask& what) {
  self_->request(directory_, join_deadline, find_room{lending_.wanted.room})
      .then(
          [this, turn = what.turn](const result<room_location>& found) {
            if (found && found->epoch == lending_.wanted.epoch) {
              room_ = found->room;
              return hear(lending::found{turn});
            }
            error why = found ? error{errc::stale, fmt::format("the room's epoch is {} here", found->epoch)}
                              : found.error();
            if (why.code == errc::not_found)
              why.code = errc::moved;
            hear(lending::not_found{turn, std::move(why)});
          },
          [this, turn = what.turn](const caf::error&) {
            hear(lending::not_found{turn,
                                    error{errc::conference_unavailable, "the directory did not answer"}});
          });
}

/// The answer is waited for as long as the room lives, for it says who has the stream.
void stream_lender::perform(const lending::lend& what) {
  self_->delayed_send(self_, join_deadline, join_overdue{what.turn});
  join_room message{call_, caf::actor_cast<leg_actor>(self_), stream_, lending_.wanted.how};
  self_->request(room_, caf::infinite, std::move(message))
      .then(
          [this, turn = what.turn](const result<room_joined>& answer) {
            if (answer)
              hear(lending::admitted{turn, {answer->node, answer->epoch}});
            else
              hear(lending::refused{turn, answer.error()});
          },
          [this, turn = what.turn](const caf::error&) { hear(lending::bounced{turn}); });
}

void stream_lender::perform(const lending::watch&) {
  self_->monitor(room_);
}

void stream_lender::perform(const lending::unwatch&) {
  self_->demonitor(room_->address());
}

void stream_lender::perform(const lending::take_leave&) {
  self_->send(room_, leave_room{call_});
}

void stream_lender::perform(const lending::take_back&) {
  room_ = nullptr;
  stream_->send->attach(nullptr);
}

void stream_lender::perform(const lending::apply_here& what) {
  apply(std::exchange(*what.what, {}), *stream_);
}

void stream_lender::perform(const lending::send_on& what) {
  self_->request(room_, caf::infinite, change_stream{call_, what.what.what})
      .then(
          [this, turn = what.turn, number = what.what.number](bool done) {
            if (done)
              hear(lending::carried_out{turn, number});
          },
          [](const caf::error&) {}); // the room is gone, which is told by itself
}

void stream_lender::perform(const lending::answer& what) {
  // What a failure means for the call is the call's to warn of: it may be refused, go on, or be let in
  // elsewhere.
  if (!what.what)
    edges_->log->info("join_failed", {{"call", call_.value},
                                      {"room", lending_.wanted.room.name},
                                      {"code", to_string(what.what.error().code)},
                                      {"reason", what.what.error().message}});
  if (auto answer = std::exchange(joining_, nullptr))
    answer(what.what.map([](const lending::place& where) { return room_joined{where.node, where.epoch}; }));
}

void stream_lender::perform(const lending::tell_left& what) {
  on_left_(what.reason);
}

} // namespace plenary
