#include "actors/link/responder_actor.hpp"

#include "actors/edge/event_store.hpp"
#include "actors/edge/telemetry.hpp"
#include "actors/link/remote_call_actor.hpp"

#include <fmt/format.h>

#include <memory>
#include <utility>

namespace plenary {

namespace {

/// An actor of this node that takes longer does not answer any more.
constexpr std::chrono::seconds patience{3};

/// A call that is ended through the API ends like one whose caller hung up.
constexpr const char* api_cause = "normal_clearing";

result<peer_reply> done() {
  return peer_reply{peer::done{}};
}

result<peer_reply> refusal(errc code, std::string why) {
  return fail(code, std::move(why));
}

result<peer_reply> refusal(const error& why) {
  return tl::unexpected<error>(why);
}

result<peer_reply> reply_of(const result<void>& answer) {
  return answer ? done() : refusal(answer.error());
}

/// Records that are still to come, and those that came.
struct record_list {
  std::size_t missing = 0;
  std::vector<call_record> records;
};

} // namespace

void responder_state::start(self_pointer self, directory_actor directory, registry_actor calls,
                            const node_edges& edges) {
  self_ = self;
  directory_ = std::move(directory);
  calls_ = std::move(calls);
  edges_ = &edges;
}

caf::result<result<peer_reply>> responder_state::on_serve(const serve_peer& message) {
  edges_->meters->count(counter::peer_requests_served);
  auto promise = self_->make_response_promise<result<peer_reply>>();
  question from{&message, [promise](result<peer_reply> reply) mutable { promise.deliver(std::move(reply)); }};
  std::visit([&](const auto& what) { serve(from, what); }, message.what);
  return promise;
}

/// Asks an actor of this node; when it does not answer, the reply is that it is not there (any more).
template <class Answer, class Actor, class Message, class Then>
void responder_state::ask(const Actor& whom, Message message, reply_function reply, Then then) {
  self_->request(whom, patience, std::move(message))
      .then([then](const Answer& answer) { then(answer); },
            [reply](const caf::error& why) {
              bool ended = why == caf::sec::request_receiver_down;
              reply(refusal(ended ? errc::not_found : errc::timeout, "it does not answer"));
            });
}

// -- legs of this node whose calls are elsewhere, and calls of this node whose legs are
// ----------------------

void responder_state::serve(const question& from, const peer::order_leg& what) {
  if (std::holds_alternative<order::open>(what.what))
    return start_leg_for(from, what);
  auto reply = from.reply;
  ask<result<leg_location>>(directory_, find_leg{what.leg}, reply,
                            [this, what = what.what, reply](const result<leg_location>& where) {
                              if (where)
                                pass_on(where->leg, what, reply);
                              else
                                reply(refusal(where.error()));
                            });
}

void responder_state::start_leg_for(const question& from, const peer::order_leg& what) {
  auto reply = from.reply;
  if (!from.asked->link)
    return reply(refusal(errc::unsupported, "only a peer has legs on another node"));
  auto owner = self_->spawn(remote_call, what.leg, from.asked->link, edges_);
  ask<result<leg_location>>(directory_, start_leg{{what.leg, owner}}, reply,
                            [this, owner, what = what.what, reply](const result<leg_location>& made) {
                              if (!made)
                                return reply(refusal(made.error()));
                              self_->send(owner, leg_started{made->leg});
                              pass_on(made->leg, what, reply);
                            });
}

void responder_state::pass_on(const leg_actor& leg, const leg_order& what, const reply_function& reply) {
  ask<result<leg_reply>>(
      leg, what, reply,
      [this, leg, opens = std::holds_alternative<order::open>(what), reply](const result<leg_reply>& answer) {
        if (answer)
          return reply(peer_reply{*answer});
        if (answer.error().code == errc::stale)
          edges_->meters->count(counter::stale_epochs_refused);
        if (opens)
          caf::anon_send(leg, leg_order{order::close{}});
        reply(refusal(answer.error()));
      });
}

void responder_state::serve(const question& from, const leg_told& what) {
  auto reply = from.reply;
  ask<result<call_location>>(calls_, find_call{what.leg.call}, reply,
                             [this, what, reply](const result<call_location>& found) {
                               if (!found)
                                 return reply(refusal(found.error()));
                               self_->send(found->call, what);
                               reply(done());
                             });
}

// -- questions and orders of the API ------------------------------------------------------------------------

void responder_state::serve(const question& from, const peer::describe_call& what) {
  auto reply = from.reply;
  ask<result<call_location>>(
      calls_, find_call{what.call}, reply,
      [this, call = what.call, reply](const result<call_location>& found) {
        if (!found)
          return read_record(call, reply);
        self_->request(found->call, patience, describe_call{})
            .then([reply](const call_record& record) { reply(peer_reply{std::optional{record}}); },
                  [this, call, reply](const caf::error&) { read_record(call, reply); }); // ended meanwhile
      });
}

void responder_state::read_record(const call_id& call, const reply_function& reply) {
  auto number = next_++;
  reading_.emplace(number, reply);
  auto weak = caf::actor_cast<caf::weak_actor_ptr>(self_->address());
  edges_->store->find_call(call, [weak, number](result<std::optional<call_record>> record) {
    if (auto target = weak.lock())
      caf::anon_send(caf::actor_cast<responder_interface>(target), record_found{number, std::move(record)});
  });
}

void responder_state::on_record_found(const record_found& message) {
  auto found = reading_.find(message.question);
  if (found == reading_.end())
    return;
  auto reply = found->second;
  reading_.erase(found);
  reply(message.record ? result<peer_reply>{*message.record} : refusal(message.record.error()));
}

void responder_state::serve(const question& from, const peer::list_calls& what) {
  auto reply = from.reply;
  ask<listed_calls>(calls_, list_calls{what.customer}, reply, [this, reply](const listed_calls& found) {
    auto list = std::make_shared<record_list>();
    list->missing = found.calls.size() + 1;
    auto answered = [list, reply]() {
      if (--list->missing == 0)
        reply(peer_reply{std::move(list->records)});
    };
    for (const auto& each : found.calls)
      self_->request(each.call, patience, describe_call{})
          .then(
              [list, answered](const call_record& record) {
                list->records.push_back(record);
                answered();
              },
              [answered](const caf::error&) { answered(); }); // ended meanwhile
    answered();
  });
}

void responder_state::serve(const question& from, const peer::hang_up_call& what) {
  auto reply = from.reply;
  ask<result<call_location>>(
      calls_, find_call{what.call}, reply, [this, what, reply](const result<call_location>& found) {
        if (!found || found->customer != what.customer)
          return reply(refusal(errc::not_found, fmt::format("no live call \"{}\"", what.call.value)));
        self_->send(found->call, end_call{api_cause});
        reply(done());
      });
}

template <class Then>
void responder_state::with_room(const room_key& key, std::optional<std::uint64_t> epoch, reply_function reply,
                                Then then) {
  ask<result<room_location>>(
      directory_, find_room{key}, reply, [this, epoch, reply, then](const result<room_location>& found) {
        if (!found)
          return reply(refusal(found.error()));
        if (found->epoch == epoch.value_or(found->epoch))
          return then(found->room);
        edges_->meters->count(counter::stale_epochs_refused);
        reply(refusal(errc::stale, fmt::format("the room's epoch is {} here", found->epoch)));
      });
}

void responder_state::serve(const question& from, const peer::describe_room& what) {
  auto reply = from.reply;
  with_room(what.key, std::nullopt, reply, [this, reply](const room_actor& room) {
    ask<room_snapshot>(room, describe_room{}, reply,
                       [reply](const room_snapshot& snapshot) { reply(peer_reply{snapshot}); });
  });
}

void responder_state::serve(const question& from, const peer::control_participant& what) {
  auto reply = from.reply;
  with_room(what.key, what.epoch, reply, [this, what, reply](const room_actor& room) {
    ask<result<void>>(room, control_participant{what.call, what.what}, reply,
                      [reply](const result<void>& controlled) { reply(reply_of(controlled)); });
  });
}

void responder_state::serve(const question& from, const peer::end_room& what) {
  with_room(what.key, what.epoch, from.reply, [this, reply = from.reply](const room_actor& room) {
    self_->send(room, end_room{});
    reply(done());
  });
}

responder_interface::behavior_type responder(responder_state::self_pointer self, directory_actor directory,
                                             registry_actor calls, const node_edges* edges) {
  auto& state = self->state;
  state.start(self, std::move(directory), std::move(calls), *edges);
  return {
      [&state](const serve_peer& message) { return state.on_serve(message); },
      [&state](const record_found& message) { state.on_record_found(message); },
  };
}

} // namespace plenary
