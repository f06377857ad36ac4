// Rooms: whoever asks, the owner answers.

#include "node/directory_backend.hpp"

#include <algorithm>

namespace plenary {

namespace {

using questions = std::shared_ptr<directory_questions>;

/// Pause before a room is asked for again whose owner has just changed.
constexpr std::chrono::milliseconds retry_pause{100};

/// What the owner of a room said.
struct owner_answer {
  peer::room_place place;
  peer_reply reply;
};

/// One question to a room's owner: what to ask, and who wants to know.
struct owner_question {
  room_key key;
  std::function<peer_request(const peer::room_place&)> make;
  std::function<void(result<owner_answer>)> done;
  int attempts_left = 2;
};

bool may_have_moved(errc code) {
  return code == errc::stale || code == errc::moved || code == errc::moving || code == errc::not_found;
}

/// Finds the owner and asks it, and does so once more when the room may just have moved.
void ask_owner(const questions& about, owner_question question) {
  --question.attempts_left;
  auto key = question.key;
  about->find_owner(key, [about, question = std::move(question)](const result<peer::room_place>& place) {
    if (!place)
      return question.done(tl::unexpected<error>(place.error()));
    about->ask(place->owner, question.make(*place),
               [about, question, place = *place](const result<peer_reply>& answer) {
                 if (answer)
                   return question.done(owner_answer{place, *answer});
                 if (question.attempts_left > 0 && may_have_moved(answer.error().code))
                   return about->later(retry_pause, [about, question] { ask_owner(about, question); });
                 question.done(tl::unexpected<error>(answer.error()));
               });
  });
}

peer_request describe(const room_key& key) {
  return peer::describe_room{key};
}

/// The owner knows no such thing: is it the room or the participant that is missing?
void tell_what_is_missing(const questions& about, const room_key& key, const call_id& call,
                          const api_backend::callback<control_outcome>& done) {
  auto judge = [call, done](const result<owner_answer>& answer) {
    using kind = control_outcome::kind;
    if (!answer && answer.error().code == errc::not_found)
      return done(control_outcome{kind::no_room, {}});
    if (!answer)
      return done(tl::unexpected<error>(answer.error()));
    const auto& there = std::get<room_snapshot>(answer->reply).participants;
    if (std::any_of(there.begin(), there.end(), [&](const auto& each) { return each.call == call; }))
      return done(fail(errc::moving, "the participant has just come"));
    done(control_outcome{kind::no_participant, answer->place});
  };
  ask_owner(about, {key, [key](const auto&) { return describe(key); }, judge, 1});
}

listed_room listed(const std::pair<room_key, peer::room_place>& room) {
  return {room.first, room.second, std::nullopt};
}

/// One page of the rooms, sorted by name, still without details.
room_listing page_of(listed_rooms found, const page& part) {
  room_listing listing;
  std::erase_if(found.rooms, [&](const auto& room) { return room.first.name <= part.after; });
  std::sort(found.rooms.begin(), found.rooms.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  listing.more = found.rooms.size() > part.limit;
  for (const auto& room : found.rooms)
    if (listing.rooms.size() < part.limit)
      listing.rooms.push_back(listed(room));
  return listing;
}

void put_details(room_listing& listing, const room_key& key, const result<peer_reply>& answer) {
  auto room = std::find_if(listing.rooms.begin(), listing.rooms.end(),
                           [&](const listed_room& each) { return each.key == key; });
  if (answer)
    room->details = std::get<room_snapshot>(*answer);
  else if (answer.error().code == errc::not_found)
    listing.rooms.erase(room); // closed meanwhile
}

} // namespace

void directory_backend::list_rooms(customer_id customer, page part, callback<room_listing> done) {
  questions_->list_rooms(customer, [part, done, about = questions_](const result<listed_rooms>& found) {
    if (!found)
      return done(tl::unexpected<error>(found.error()));
    auto listing = page_of(*found, part);
    auto rooms = listing.rooms;
    auto whole = std::make_shared<answer_collection<room_listing>>(std::move(listing), rooms.size(), done);
    for (const auto& room : rooms)
      about->ask(room.place.owner, describe(room.key),
                 [whole, key = room.key](const result<peer_reply>& answer) {
                   whole->add([&](room_listing& all) { put_details(all, key, answer); });
                 });
  });
}

void directory_backend::find_room(room_key key, callback<std::optional<room_snapshot>> done) {
  auto tell = [done](const result<owner_answer>& answer) {
    if (answer)
      return done(std::optional{std::get<room_snapshot>(answer->reply)});
    if (answer.error().code == errc::not_found)
      return done(std::optional<room_snapshot>{});
    done(tl::unexpected<error>(answer.error()));
  };
  ask_owner(questions_, {key, [key](const auto&) { return describe(key); }, tell});
}

void directory_backend::control_participant(room_key key, call_id call, participant_control what,
                                            callback<control_outcome> done) {
  auto make = [=](const peer::room_place& place) {
    return peer::control_participant{key, place.epoch, call, what};
  };
  ask_owner(questions_, {key, make, [=, about = questions_](const result<owner_answer>& answer) {
                           if (answer)
                             return done(control_outcome{control_outcome::kind::done, answer->place});
                           if (answer.error().code == errc::not_found)
                             return tell_what_is_missing(about, key, call, done);
                           done(tl::unexpected<error>(answer.error()));
                         }});
}

void directory_backend::end_room(room_key key, callback<control_outcome> done) {
  auto make = [key](const peer::room_place& place) { return peer::end_room{key, place.epoch}; };
  ask_owner(questions_, {key, make, [done](const result<owner_answer>& answer) {
                           using kind = control_outcome::kind;
                           if (answer)
                             return done(control_outcome{kind::done, answer->place});
                           if (answer.error().code == errc::not_found)
                             return done(control_outcome{kind::no_room, {}});
                           done(tl::unexpected<error>(answer.error()));
                         }});
}

} // namespace plenary
