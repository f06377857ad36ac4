#include "tests/attack/under_attack.hpp"

#include <cstdlib>
#include <thread>

namespace plenary::attack {

namespace {

using std::chrono::steady_clock;

/// Sockets that a node opens and closes by itself: connections to the customer's server, a store's file.
constexpr std::int64_t wandering_descriptors = 8;
/// Share of a processor by which the load of an idle second may differ.
constexpr double wandering_load = 0.25;

int number_from(const char* variable, int fallback) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::atoi(text) : fallback;
}

} // namespace

void UnderAttack::begin(test::plenaryd_settings settings) {
  start(std::move(settings));
  talkers = std::make_unique<witnesses>(caller());
  ASSERT_TRUE(talkers->enter()) << node->output();
  const auto process = node->process().pid();
  load_before_ = load_of(process);
  before_ = footprint_of(process);
  talkers->watch();
}

void UnderAttack::expect_unharmed(std::chrono::seconds patience) {
  EXPECT_TRUE(talkers->undisturbed()) << "ticks missed: " << metric("plenary_mix_ticks_missed_total");
  expect_next_call();
  expect_resources_back(patience);
}

void UnderAttack::expect_next_call() {
  // A phone repeats an INVITE that the kernel dropped from a full socket; these callers do not.
  constexpr int tries = 5;
  for (int i = 0; i < tries; ++i) {
    test::rtp_caller late(caller(2000, "+15550009003"));
    if (!late.call(std::chrono::seconds(2)))
      continue;
    EXPECT_TRUE(late.wait_for_tone(440)) << "the next good call does not hear the room";
    EXPECT_EQ(late.hang_up(), 200);
    return;
  }
  ADD_FAILURE() << "the next good call was not answered";
}

void UnderAttack::expect_resources_back(std::chrono::seconds patience) {
  const auto process = node->process().pid();
  const auto deadline = steady_clock::now() + patience;
  footprint now;
  double load = 0;
  const auto is_back = [&] {
    load = load_of(process);
    now = footprint_of(process);
    return now.descriptors <= before_.descriptors + wandering_descriptors &&
           load <= load_before_ + wandering_load &&
           now.resident_kib <= before_.resident_kib + kept_memory_kib();
  };
  bool back = is_back();
  while (!back && steady_clock::now() < deadline)
    back = is_back();
  EXPECT_TRUE(back) << "descriptors " << before_.descriptors << " -> " << now.descriptors << ", load "
                    << load_before_ << " -> " << load << ", memory " << before_.resident_kib << " -> "
                    << now.resident_kib << " KiB";
}

int UnderAttack::factor() {
  return std::max(1, number_from("PLENARY_ATTACK_FACTOR", 1));
}

unsigned UnderAttack::seed() {
  return static_cast<unsigned>(number_from("PLENARY_ATTACK_SEED", 20'261'127));
}

} // namespace plenary::attack
