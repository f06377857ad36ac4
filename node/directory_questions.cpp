#include "node/directory_questions.hpp"

namespace plenary {

namespace {

tl::unexpected<error> not_open() {
  return fail(errc::unavailable, "the node is starting or stopping");
}

} // namespace

directory_questions::directory_questions(caf::actor_system& system)
    : system_(system) {}

template <class Answer, class Actor, class Message, class Then>
void directory_questions::put_to(const Actor& whom, Message message, Then done) {
  system_.spawn([whom, message = std::move(message), done](caf::event_based_actor* self) {
    self->request(whom, patience, message)
        .then([done](const Answer& answer) { done(answer); },
              [done](const caf::error&) { done(fail(errc::moving, "there was no answer in time")); });
  });
}

template <class Answer, class Message, class Then>
void directory_questions::put(Message message, Then done) {
  const auto actors = actors_.target();
  if (!actors)
    return done(not_open());
  put_to<Answer>(actors->directory, std::move(message), std::move(done));
}

/// What this node's own calls and rooms know does not wait behind what the directory hears of other nodes.
void directory_questions::ask(const node_name& node, peer_request what, callback<peer_reply> done) {
  const auto actors = actors_.target();
  if (!actors)
    return done(not_open());
  auto* own = node == actors->node ? std::get_if<node_request>(&what) : nullptr;
  const auto tell = [done = std::move(done)](const result<peer_reply>& answer) {
    bool lost = !answer && (answer.error().code == errc::unavailable || answer.error().code == errc::timeout);
    done(lost ? fail(errc::moving, answer.error().message) : answer);
  };
  if (own != nullptr)
    put_to<result<peer_reply>>(actors->responder, serve_peer{node, std::move(*own), {}}, tell);
  else
    put_to<result<peer_reply>>(actors->directory, ask_node{node, std::move(what)}, tell);
}

void directory_questions::find_owner(room_key key, callback<peer::room_place> done) {
  put<result<peer::room_place>>(plenary::find_owner{std::move(key)}, std::move(done));
}

void directory_questions::list_rooms(customer_id customer, callback<listed_rooms> done) {
  put<listed_rooms>(plenary::list_rooms{std::move(customer)}, std::move(done));
}

void directory_questions::members(callback<std::vector<member_view>> done) {
  put<described_members>(describe_members{},
                         [done = std::move(done)](const result<described_members>& found) {
                           done(found.map([](const described_members& all) { return all.members; }));
                         });
}

void directory_questions::later(std::chrono::milliseconds pause, std::function<void()> then) {
  if (!actors_.target())
    return then();
  // Hidden: the end of the actor system does not wait for it.
  system_.spawn<caf::hidden>([pause, then = std::move(then)](caf::event_based_actor* self) -> caf::behavior {
    self->delayed_send(self, pause, caf::ok_atom::value);
    return {[self, then](caf::ok_atom) {
      then();
      self->quit();
    }};
  });
}

} // namespace plenary
