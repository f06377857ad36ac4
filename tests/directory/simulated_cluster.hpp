#pragma once

#include "tests/directory/simulated_node.hpp"

#include <memory>
#include <string>
#include <vector>

namespace plenary::test {

/// Nodes, callers who want to be in rooms, faults, and an eye on what must never be.
class simulated_cluster {
public:
  struct setup {
    std::size_t nodes = 3;
    bool hold = false;
    unsigned seed = 1;
    int room_names = 4;
  };

  explicit simulated_cluster(const setup& what);

  simulated_network& network() { return network_; }
  simulated_node* node(std::size_t index) { return nodes_[index].get(); }
  bool runs(std::size_t index) const {
    return network_.state_of(index) == simulated_network::machine::running;
  }

  void boot(std::size_t index);
  void kill(std::size_t index);
  void freeze(std::size_t index, bool frozen) { network_.freeze(index, frozen); }
  /// Both directions between the nodes whose sides differ.
  void partition(const std::vector<int>& sides, bool one_way);
  void drain(std::size_t index, bool drain);
  void heal();

  /// A caller on a node who stays in a room until the simulation or hang_up ends it.
  void call(std::size_t node, const room_key& key);
  void hang_up(std::size_t count);
  std::size_t callers() const { return callers_.size(); }

  /// Lets time pass; what must never be is looked for every 10 ms.
  void pass(milliseconds time);

  /// What is wrong though nothing has happened for a while; empty when all is well.
  std::string trouble() const;
  /// Whether every node lists the same owner for the room.
  bool has_one_owner(const room_key& key) const;
  std::size_t rooms_on(std::size_t index) const;
  /// Every node's phase, peers and rooms, for people.
  std::string describe() const;
  /// What should never have been, in words; empty when all is well.
  const std::string& violation() const { return violation_; }
  /// How often the room got an owner.
  int openings(const room_key& key) const;
  int members_lost() const;
  int seated() const;

private:
  struct caller {
    std::size_t node = 0;
    room_key key;
    std::optional<peer::room_place> place;
    bool seeking = false;
    std::uint64_t number = 0;
  };

  void tick(std::size_t index, std::uint64_t incarnation);
  void move_callers(std::size_t index);
  void seek(caller& who);
  void end_empty_rooms(std::size_t index);
  void note_opened(std::size_t index, const owned_room& room);
  void watch();
  void violated(std::string what);
  std::string table_trouble(std::size_t one) const;
  std::string trouble_between(std::size_t one, std::size_t other) const;

  setup setup_;
  simulated_network network_;
  std::vector<std::unique_ptr<simulated_node>> nodes_;
  std::vector<milliseconds> clock_errors_;
  std::vector<std::uint64_t> incarnations_;
  std::vector<mono_time> drained_at_;
  std::vector<caller> callers_;
  std::uint64_t next_caller_ = 1;
  std::map<std::pair<room_key, std::uint64_t>, std::size_t> owners_;
  std::map<room_key, int> openings_;
  std::string violation_;
};

/// A room name of the simulation.
room_key room_number(int number);

} // namespace plenary::test
