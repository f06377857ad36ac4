#include "tests/directory/simulated_node.hpp"

namespace plenary::test {

simulated_node::simulated_node(std::size_t index, membership::settings fixed, simulated_network& network,
                               milliseconds clock_error)
    : index_(index)
    , network_(network)
    , clock_error_(clock_error)
    , places_(placing::start(std::move(fixed), network.time().now())) {
  permit_.hold_until(mono_time::min());
}

wall_time simulated_node::wall() const {
  return wall_time{std::chrono::seconds{1790000000}} +
         std::chrono::duration_cast<wall_time::duration>(now().time_since_epoch() + clock_error_);
}

void simulated_node::step(placing::event what) {
  places_.step(
      std::move(what),
      [this] {
        return placing::moment{now(), wall()};
      },
      [this](const auto& effect) { perform(effect); });
}

// -- what happens -------------------------------------------------------------------------------------------

void simulated_node::locate(const room_key& key, place_callback done) {
  const auto number = ++last_number_;
  wanted_[number] = std::move(done);
  step(placing::want{number, key});
}

void simulated_node::empty(const room_key& key) {
  step(placing::room_emptied{key, places_->rooms.at(key).epoch});
}

void simulated_node::on_link_up(const peer_identity& peer, const member_status& status) {
  step(placing::link_up{peer, status});
}

void simulated_node::on_status(const node_name& peer, const member_status& status, mono_time asked_at) {
  step(placing::status_came{peer, status, asked_at});
}

void simulated_node::on_link_down(const node_name& peer) {
  step(placing::link_down{peer});
}

void simulated_node::on_request(const node_name& peer, const peer_request& what,
                                std::function<void(result<peer_reply>)> answer) {
  if (!is_linked(peer))
    return answer(fail(errc::unavailable, "there is no link to the asking node"));
  const auto number = ++last_number_;
  const auto& asked_for = std::get<directory_request>(what);
  if (const auto* said = std::get_if<peer::rooms_changed>(&asked_for)) {
    step(placing::rooms_said{peer, *said});
    return answer(peer_reply{peer::done{}});
  }
  questions_[number] = std::move(answer);
  if (const auto* asked = std::get_if<peer::locate_room>(&asked_for))
    step(placing::asked{number, peer, *asked});
  else if (const auto* asks = std::get_if<peer::open_room>(&asked_for))
    step(placing::asked{number, peer, *asks});
}

// -- what is to be done -------------------------------------------------------------------------------------

void simulated_node::perform(const placing::status_changed&) {
  network_.set_status(index_, placing::status(*places_, 0));
}

void simulated_node::perform(const placing::member_lost&) {
  ++members_lost_;
}

void simulated_node::perform(const placing::cut& what) {
  network_.cut(index_, what.name, membership::cut_pause);
}

void simulated_node::perform(const placing::permitted& what) {
  permit_.hold_until(what.until);
}

void simulated_node::perform(const placing::ask& what) {
  network_.ask(index_, what.peer, what.what,
               [this, alive = std::weak_ptr(alive_), number = what.number](auto answer) {
                 if (!alive.expired())
                   step(placing::answered{number, std::move(answer)});
               });
}

void simulated_node::perform(const placing::tell& what) {
  network_.ask(index_, what.peer, what.what, [](const auto&) {});
}

void simulated_node::perform(const placing::answer& what) {
  if (auto waiting = questions_.extract(what.question))
    waiting.mapped()(what.what);
}

void simulated_node::perform(const placing::found& what) {
  if (auto waiting = wanted_.extract(what.number))
    waiting.mapped()(what.place);
}

void simulated_node::perform(const placing::not_found& what) {
  if (auto waiting = wanted_.extract(what.number))
    waiting.mapped()(tl::unexpected<error>(what.why));
}

void simulated_node::perform(const placing::host& what) {
  opened_at_[what.room.key] = now();
  if (opened)
    opened(what.room, what.reason);
}

/// Its callers follow at once.
void simulated_node::perform(const placing::vacate&) {
  step(placing::vacated_ended{});
}

} // namespace plenary::test
