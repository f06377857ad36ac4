#pragma once

#include "tests/attack/footprint.hpp"
#include "tests/attack/witnesses.hpp"
#include "tests/integration/live_node.hpp"

namespace plenary::attack {

/// A node with two witnesses in a room. A test attacks and then calls `expect_unharmed`.
class UnderAttack : public test::LiveNode {
protected:
  /// Starts the node, lets the witnesses in and remembers what the process holds.
  void begin(test::plenaryd_settings settings = {});

  /// The witnesses heard each other all the time, the next good call is answered and heard, and within
  /// `patience` descriptors, processor and memory are back at what they were.
  void expect_unharmed(std::chrono::seconds patience = std::chrono::seconds(15));

  /// Factor for the work of an attack: 1, or what the environment's PLENARY_ATTACK_FACTOR says, for long
  /// runs.
  static int factor();
  /// Seed of the attack's random numbers: PLENARY_ATTACK_SEED, else a fixed one. Print it.
  static unsigned seed();

  std::unique_ptr<witnesses> talkers;

private:
  void expect_next_call();
  void expect_resources_back(std::chrono::seconds patience);

  footprint before_;
  double load_before_ = 0;
};

} // namespace plenary::attack
