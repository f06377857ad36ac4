#pragma once

#include "schema/result.hpp"
#include "tests/support/loopback_socket.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace plenary::test {

/// A network that exists for one test program only: a router, on which the test itself lives, and nodes
/// behind it, each in a network namespace of its own.
///
///     test, callers, customer's server: 10.77.0.1 [router] --veth-- 10.77.1.2 [node 0]
///                                                          --veth-- 10.77.2.2 [node 1] ...
///
/// The namespaces have no names, only descriptors: they are gone with the process, however it ends. What is
/// forbidden concerns packets between nodes alone; the test reaches every node at any time.
class network_of_namespaces {
public:
  /// Makes it and moves the calling thread, and threads that it starts later, into the router's namespace.
  /// `unauthorized` when this process may not make namespaces.
  static result<std::unique_ptr<network_of_namespaces>> make(std::size_t nodes);
  /// Moves the calling thread back.
  ~network_of_namespaces();
  network_of_namespaces(const network_of_namespaces&) = delete;
  network_of_namespaces& operator=(const network_of_namespaces&) = delete;

  /// Of the test itself.
  static std::string test_address() { return "10.77.0.1"; }
  static std::string node_address(std::size_t node);
  /// The node's namespace, for a child process.
  int descriptor(std::size_t node) const { return nodes_[node].get(); }

  using group = std::set<std::size_t>;

  /// Packets from one node to another are dropped, the others still arrive.
  void cut_one_way(const group& from, const group& to);
  /// Nothing arrives between the groups.
  void cut(const group& one, const group& other);
  /// So many of a hundred packets between any two nodes get lost, at random.
  void lose(int percent);
  /// Every packet arrives from now on.
  void heal();

private:
  network_of_namespaces() = default;
  result<void> build(std::size_t nodes);
  void apply(const std::string& rules) const;

  file_descriptor outside_; ///< where the thread came from
  file_descriptor router_;
  std::vector<file_descriptor> nodes_;
  std::string rules_; ///< in force, one a line
};

} // namespace plenary::test
