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

result<peer_reply> reply_of(const result<described_media>& answer) {
  return answer ? result<peer_reply>{peer::described_media{answer->session}} : refusal(answer.error());
}

result<peer_reply> reply_of(const result<room_joined>& answer) {
  return answer ? result<peer_reply>{peer::room_place{answer->node, answer->epoch}} : refusal(answer.error());
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

// -- legs of this node whose calls are elsewhere ------------------------------------------------------------

void responder_state::serve(const question& from, const peer::open_leg& what) {
  auto reply = from.reply;
  auto link = from.asked->link;
  if (!link)
    return reply(refusal(errc::unsupported, "only a peer has legs on another node"));
  ask<result<leg_location>>(directory_, start_leg{what.leg}, reply,
                            [this, what, link, reply](const result<leg_location>& where) {
                              if (where)
                                open(*where, what, link, reply);
                              else
                                reply(refusal(where.error()));
                            });
}

void responder_state::open(const leg_location& where, const peer::open_leg& what, const link_actor& link,
                           reply_function reply) {
  auto owner = self_->spawn(remote_call, what.leg, where.leg, link, edges_);
  open_leg message{owner,           what.offer, what.srtp,     what.continuing,
                   what.signalling, what.trunk, what.held_back};
  ask<result<described_media>>(where.leg, std::move(message), reply,
                               [this, leg = where.leg, reply](const auto& opened) {
                                 if (!opened)
                                   self_->send(leg, close_leg{});
                                 reply(reply_of(opened));
                               });
}

template <class Message, class Translate>
void responder_state::ask_leg(const leg_name& leg, Message message, reply_function reply,
                              Translate translate) {
  ask<result<leg_location>>(directory_, find_leg{leg}, reply, [=](const result<leg_location>& where) {
    if (where)
      translate(where->leg, std::move(message));
    else
      reply(refusal(where.error()));
  });
}

void responder_state::serve(const question& from, const peer::renegotiate& what) {
  auto reply = from.reply;
  ask_leg(what.leg, renegotiate{what.offer}, reply, [this, reply](const leg_actor& leg, renegotiate message) {
    ask<result<described_media>>(leg, std::move(message), reply,
                                 [reply](const auto& answer) { reply(reply_of(answer)); });
  });
}

void responder_state::serve(const question& from, const peer::accept_answer& what) {
  auto reply = from.reply;
  ask_leg(what.leg, accept_answer{what.answer}, reply,
          [this, reply](const leg_actor& leg, accept_answer message) {
            ask<result<void>>(leg, std::move(message), reply,
                              [reply](const auto& answer) { reply(reply_of(answer)); });
          });
}

void responder_state::serve(const question& from, const peer::enter_room& what) {
  auto reply = from.reply;
  ask_leg(what.leg, enter_room{what.room, what.how, what.epoch}, reply,
          [this, reply](const leg_actor& leg, enter_room message) {
            ask<result<room_joined>>(leg, std::move(message), reply, [this, reply](const auto& joined) {
              if (!joined && joined.error().code == errc::stale)
                edges_->meters->count(counter::stale_epochs_refused);
              reply(reply_of(joined));
            });
          });
}

void responder_state::serve(const question& from, const peer::exit_room& what) {
  ask_leg(what.leg, exit_room{}, from.reply,
          [this, reply = from.reply](const leg_actor& leg, exit_room message) {
            self_->send(leg, message);
            reply(done());
          });
}

void responder_state::serve(const question& from, const peer::close_leg& what) {
  ask_leg(what.leg, close_leg{}, from.reply,
          [this, reply = from.reply](const leg_actor& leg, close_leg message) {
            self_->send(leg, message);
            reply(done());
          });
}

void responder_state::serve(const question& from, const peer::confirm_leg& what) {
  ask_leg(what.leg, confirm_leg{}, from.reply,
          [this, reply = from.reply](const leg_actor& leg, confirm_leg message) {
            self_->send(leg, message);
            reply(done());
          });
}

// -- calls of this node whose legs are elsewhere ------------------------------------------------------------

template <class Message>
void responder_state::tell_call(const call_id& call, Message message, reply_function reply) {
  ask<result<call_location>>(calls_, find_call{call}, reply,
                             [this, message, reply](const result<call_location>& found) {
                               if (!found)
                                 return reply(refusal(found.error()));
                               self_->send(found->call, message);
                               reply(done());
                             });
}

void responder_state::serve(const question& from, const peer::left_room& what) {
  tell_call(what.leg.call, left_room{what.reason, what.leg.number}, from.reply);
}

void responder_state::serve(const question& from, const peer::media_timed_out& what) {
  tell_call(what.leg.call, media_timed_out{what.leg.number}, from.reply);
}

void responder_state::serve(const question& from, const peer::digit_received& what) {
  tell_call(what.leg.call, digit_received{what.digit}, from.reply);
}

void responder_state::serve(const question& from, const peer::room_moves& what) {
  tell_call(what.leg.call, room_moves{what.to, what.leg.number}, from.reply);
}

void responder_state::serve(const question& from, const peer::participant_changed& what) {
  tell_call(what.leg.call, participant_changed{what.change, what.leg.number}, from.reply);
}

void responder_state::serve(const question& from, const peer::leg_ended& what) {
  tell_call(what.leg.call, leg_ended{what.leg.number}, from.reply);
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

template <class Other>
void responder_state::serve(const question& from, const Other&) {
  auto reply = from.reply;
  reply(refusal(errc::unsupported, "the directory answers this itself"));
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
