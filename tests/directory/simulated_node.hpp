#pragma once

#include "actors/directory/placing_driver.hpp"
#include "actors/edge/mixing_permit.hpp"
#include "tests/directory/simulated_network.hpp"

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

namespace plenary::test {

/// One node's directory: performs what the shipped machine (placing) wants, without actors.
class simulated_node : public link_user {
public:
  using place_callback = std::function<void(result<peer::room_place>)>;

  simulated_node(std::size_t index, membership::settings fixed, simulated_network& network,
                 milliseconds clock_error);

  /// Finds or opens a room, within 5 s.
  void locate(const room_key& key, place_callback done);
  void set_draining(bool drain) { step(placing::draining_set{drain}); }
  void tick() { step(placing::tick{}); }
  /// The last caller left.
  void empty(const room_key& key);

  const node_name& name() const { return places_->members.fixed.self.name; }
  const membership::state& members() const { return places_->members; }
  const room_table& table() const { return places_->table; }
  const std::unordered_map<room_key, placing::hosted_room>& rooms() const { return places_->rooms; }
  mono_time opened_at(const room_key& key) const { return opened_at_.at(key); }
  bool holds_permit() const { return permit_.holds(network_.time().now()); }
  int members_lost() const { return members_lost_; }
  bool is_linked(const node_name& peer) const { return places_->peers.contains(peer); }

  /// Told of every room that opens here.
  std::function<void(const owned_room&, open_reason)> opened;

  void on_link_up(const peer_identity& peer, const member_status& status) override;
  void on_status(const node_name& peer, const member_status& status, mono_time asked_at) override;
  void on_link_down(const node_name& peer) override;
  void on_request(const node_name& peer, const peer_request& what,
                  std::function<void(result<peer_reply>)> answer) override;

private:
  using answer_function = std::function<void(result<peer_reply>)>;

  mono_time now() const { return network_.time().now(); }
  wall_time wall() const;
  void step(placing::event what);
  template <class Effect>
  void perform(const Effect&) {}
  void perform(const placing::status_changed& what);
  void perform(const placing::member_lost& what);
  void perform(const placing::cut& what);
  void perform(const placing::permitted& what);
  void perform(const placing::ask& what);
  void perform(const placing::tell& what);
  void perform(const placing::answer& what);
  void perform(const placing::found& what);
  void perform(const placing::not_found& what);
  void perform(const placing::host& what);
  void perform(const placing::vacate& what);

  std::size_t index_;
  simulated_network& network_;
  milliseconds clock_error_;
  placing::driver places_;
  mixing_permit permit_;
  std::map<room_key, mono_time> opened_at_;
  std::map<std::uint64_t, place_callback> wanted_;
  std::map<std::uint64_t, answer_function> questions_;
  std::uint64_t last_number_ = 0;
  int members_lost_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< answers find out that the process died
};

} // namespace plenary::test
