#include "node/directory_questions.hpp"

namespace plenary {

namespace {

tl::unexpected<error> not_open() {
  return fail(errc::unavailable, "the node is starting or stopping");
}

} // namespace

directory_questions::directory_questions(caf::actor_system& system)
    : system_(system) {}

template <class Answer, class Message, class Then>
void directory_questions::put(Message message, Then done) {
  auto where = directory_.target();
  if (!where)
    return done(not_open());
  system_.spawn([where = *where, message = std::move(message), done](caf::event_based_actor* self) {
    self->request(where, patience, message)
        .then([done](const Answer& answer) { done(answer); },
              [done](const caf::error&) { done(fail(errc::moving, "there was no answer in time")); });
  });
}

void directory_questions::ask(const node_name& node, peer_request what, callback<peer_reply> done) {
  if (!directory_.target())
    return done(not_open());
  put<result<peer_reply>>(ask_node{node, std::move(what)}, [done = std::move(done)](
                                                               const result<peer_reply>& answer) {
    bool lost = !answer && (answer.error().code == errc::unavailable || answer.error().code == errc::timeout);
    done(lost ? fail(errc::moving, answer.error().message) : answer);
  });
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
  if (!directory_.target())
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
