#include "node/directory_backend.hpp"

namespace plenary {

namespace {

/// An answer of a live actor that takes longer is given up; below the API's own deadline.
constexpr std::chrono::seconds patience{3};

error not_open() {
  return {errc::unavailable, "the node is starting or stopping"};
}

error silent() {
  return {errc::timeout, "an actor did not answer"};
}

/// Hides calls of other customers as if they did not exist.
std::optional<call_record> visible_to(const customer_id& customer, std::optional<call_record> record) {
  if (record && record->customer != customer)
    return std::nullopt;
  return record;
}

/// Rooms that are still to answer, and what the others said.
struct listing {
  std::size_t missing = 0;
  std::vector<room_snapshot> rooms;
  api_backend::callback<std::vector<room_snapshot>> done;

  void answered() {
    if (--missing == 0)
      done(std::move(rooms));
  }
};

void describe_all(caf::event_based_actor* self, const listed_rooms& found, std::shared_ptr<listing> into) {
  into->missing = found.rooms.size() + 1;
  for (const auto& location : found.rooms)
    self->request(location.room, patience, describe_room{})
        .then(
            [into](room_snapshot& snapshot) {
              into->rooms.push_back(std::move(snapshot));
              into->answered();
            },
            [into](const caf::error&) { into->answered(); }); // ended meanwhile: it is no room any more
  into->answered();
}

} // namespace

directory_backend::directory_backend(caf::actor_system& system, event_store& store)
    : system_(system)
    , store_(store) {}

void directory_backend::open(directory_actor directory) {
  std::lock_guard lock(mutex_);
  directory_ = std::move(directory);
}

void directory_backend::close() {
  std::lock_guard lock(mutex_);
  directory_ = nullptr;
}

directory_actor directory_backend::directory() {
  std::lock_guard lock(mutex_);
  return directory_;
}

void directory_backend::find_call(customer_id customer, call_id id,
                                  callback<std::optional<call_record>> done) {
  auto where = directory();
  if (!where)
    return done(tl::unexpected<error>(not_open()));
  auto from_store = [this, customer, id, done] {
    store_.find_call(id, [customer, done](result<std::optional<call_record>> found) {
      done(std::move(found).map([&](auto record) { return visible_to(customer, std::move(record)); }));
    });
  };
  system_.spawn([=](caf::event_based_actor* self) {
    self->request(where, patience, plenary::find_call{id})
        .then(
            [=](const result<call_location>& found) {
              if (!found)
                return from_store();
              self->request(found->call, patience, describe_call{})
                  .then([=](call_record& record) { done(visible_to(customer, std::move(record))); },
                        [=](const caf::error&) { from_store(); }); // ended meanwhile
            },
            [=](const caf::error&) { done(tl::unexpected<error>(silent())); });
  });
}

void directory_backend::list_rooms(customer_id customer, callback<std::vector<room_snapshot>> done) {
  auto where = directory();
  if (!where)
    return done(tl::unexpected<error>(not_open()));
  system_.spawn([=](caf::event_based_actor* self) {
    auto into = std::make_shared<listing>();
    into->done = done;
    self->request(where, patience, plenary::list_rooms{customer})
        .then([=](const listed_rooms& found) { describe_all(self, found, into); },
              [=](const caf::error&) { done(tl::unexpected<error>(silent())); });
  });
}

void directory_backend::find_room(room_key key, callback<std::optional<room_snapshot>> done) {
  auto where = directory();
  if (!where)
    return done(tl::unexpected<error>(not_open()));
  system_.spawn([=](caf::event_based_actor* self) {
    self->request(where, patience, plenary::find_room{key})
        .then(
            [=](const result<room_location>& found) {
              if (!found)
                return done(std::optional<room_snapshot>{});
              self->request(found->room, patience, describe_room{})
                  .then([=](room_snapshot& snapshot) { done(std::optional{std::move(snapshot)}); },
                        [=](const caf::error&) { done(std::optional<room_snapshot>{}); }); // ended meanwhile
            },
            [=](const caf::error&) { done(tl::unexpected<error>(silent())); });
  });
}

readiness directory_backend::ready() {
  readiness now;
  now.draining = draining_;
  now.checks.push_back({"directory", static_cast<bool>(directory()), ""});
  return now;
}

} // namespace plenary
