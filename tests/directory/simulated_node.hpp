#pragma once

#include "actors/directory/membership.hpp"
#include "actors/directory/room_table.hpp"
#include "actors/edge/mixing_permit.hpp"
#include "tests/directory/simulated_network.hpp"

#include <map>
#include <optional>

namespace plenary::test {

/// One node's directory around the real machines: what directory_actor does, without actors.
class simulated_node : public link_user {
public:
  struct hosted_room {
    std::uint64_t epoch = 0;
    mono_time opened_at{};
    bool leaving = false;
  };
  using place_callback = std::function<void(result<peer::room_place>)>;

  simulated_node(std::size_t index, membership::settings fixed, simulated_network& network,
                 milliseconds clock_error);

  /// Finds or opens a room, within 5 s.
  void locate(const room_key& key, place_callback done);
  void set_draining(bool drain) { step(membership::draining_set{drain}); }
  void tick();
  /// The last caller left.
  void empty(const room_key& key);

  const node_name& name() const { return members_.fixed.self.name; }
  const membership::state& members() const { return members_; }
  const room_table& table() const { return table_; }
  const std::map<room_key, hosted_room>& rooms() const { return rooms_; }
  /// Handed to another node while the drain asked for it; how many members joined and were lost so far.
  bool holds_permit() const { return permit_.holds(network_.time().now()); }
  int members_lost() const { return members_lost_; }
  int stale_opens() const { return stale_opens_; }
  bool is_linked(const node_name& peer) const { return peers_.contains(peer); }

  /// Told of every room that opens here.
  std::function<void(const owned_room&, open_reason)> opened;

  void on_link_up(const peer_identity& peer, const member_status& status) override;
  void on_status(const node_name& peer, const member_status& status, mono_time asked_at) override;
  void on_link_down(const node_name& peer) override;
  void on_request(const node_name& peer, const peer_request& what,
                  std::function<void(result<peer_reply>)> answer) override;

private:
  using answer_function = std::function<void(result<peer_reply>)>;
  struct wanted_place {
    room_key key;
    place_callback done;
    mono_time since{};
    bool asking = false;
    bool before_a_hold = false;
  };
  struct linked_peer {
    std::uint64_t link = 0;
    std::optional<peer::rooms_changed> rooms;
  };

  mono_time now() const { return network_.time().now(); }
  wall_time wall() const;
  void ask(const node_name& peer, peer_request what, answer_function done);
  void step(const membership::event& what);
  void perform(const membership::phase_changed& what);
  void perform(const membership::member_joined& what);
  void perform(const membership::member_lost& what);
  void perform(const membership::cut& what);
  void perform(const membership::permitted& what);
  void tell_status();
  void tell_changes();
  void learn(const node_name& peer, const peer::rooms_changed& said);
  void on_rooms(const node_name& from, const peer::rooms_changed& said);
  bool is_reachable(const peer::room_place& place, const room_key& key) const;
  std::optional<peer::room_place> reachable_place(const room_key& key) const;
  std::optional<node_name> home_of(const room_key& key) const;
  void pursue(std::uint64_t number);
  void pursue_all();
  void finish(std::uint64_t number, result<peer::room_place> place);
  void serve_locate(const room_key& key, const answer_function& answer);
  void open_somewhere(const room_key& key, answer_function answer);
  void opened_there(const owned_room& room, const node_name& where, std::uint64_t link,
                    const result<peer_reply>& answer);
  void serve_open(const node_name& from, const peer::open_room& asked, const answer_function& answer);
  void drain_rooms();
  void drain_room(const room_key& key, hosted_room& room);

  std::size_t index_;
  simulated_network& network_;
  milliseconds clock_error_;
  std::uint64_t incarnation_;
  membership::state members_;
  room_table table_;
  mixing_permit permit_;
  std::map<node_name, linked_peer> peers_;
  std::map<room_key, hosted_room> rooms_;
  std::map<std::uint64_t, wanted_place> wanted_;
  std::map<room_key, std::vector<answer_function>> openings_;
  std::uint64_t next_number_ = 1;
  std::uint64_t next_link_ = 1;
  int members_lost_ = 0;
  int stale_opens_ = 0;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true); ///< answers find out that the process died
};

} // namespace plenary::test
