#pragma once

#include "actors/edge/node_edges.hpp"
#include "actors/leg/stream_setup.hpp"
#include "actors/protocol.hpp"
#include "tests/support/fake_edges.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <gtest/gtest.h>

namespace plenary::test {

/// A node without network and without time: actors run when the test says so, the clock is the test's.
class actor_world {
public:
  actor_world()
      : system_(configure(config_)) {
    edges_.node = node_name{"node-a"};
    edges_.log = &log_;
    edges_.meters = &meters_;
    edges_.media = &network_;
    edges_.ticks = &ticks_;
    edges_.wall_clock = [] { return wall_time{std::chrono::seconds{1780056000}}; };
  }

  caf::actor_system& system() { return system_; }
  const node_edges& edges() const { return edges_; }
  node_edges& edges() { return edges_; }
  counting_telemetry& meters() { return meters_; }
  manual_ticks& ticks() { return ticks_; }
  captured_transport& network() { return network_; }

  /// Runs every actor until no message is left.
  void settle() { scheduler().run(); }

  /// Lets simulated time pass.
  void pass(std::chrono::nanoseconds time) {
    scheduler().advance_time(time);
    settle();
  }

  /// Beats the metronome now and runs what follows.
  void beat() {
    ticks_.beat(std::chrono::steady_clock::now(), ++number_);
    settle();
  }

  /// Asks an actor and runs everything until the answer is there.
  template <class Answer, class Actor, class Message>
  Answer ask(const Actor& target, Message message) {
    caf::scoped_actor self{system_};
    auto request = self->request(target, caf::infinite, std::move(message));
    settle();
    Answer answer{};
    request.receive([&answer](const Answer& got) { answer = got; },
                    [this](const caf::error& why) { ADD_FAILURE() << system_.render(why); });
    return answer;
  }

private:
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    config.set("scheduler.policy", caf::atom("testing"));
    return config;
  }

  caf::scheduler::test_coordinator& scheduler() {
    return dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler());
  }

  silent_logger log_;
  counting_telemetry meters_;
  manual_ticks ticks_;
  captured_transport network_;
  node_edges edges_;
  std::uint64_t number_ = 0;
  caf::actor_system_config config_;
  caf::actor_system system_;
};

/// What a scripted leg was told.
struct leg_log {
  std::vector<leave_reason> removals;
  std::vector<stream_report> reports;
  std::vector<room_place> relocations;
  std::vector<bool> mutes;
  std::vector<std::optional<bool>> noise_suppressions;
};

/// A leg that only writes down what its room says.
inline leg_actor::behavior_type scripted_leg(leg_actor::pointer self, std::shared_ptr<leg_log> log) {
  return {
      [self](const leg_order& what) -> result<leg_reply> {
        if (std::holds_alternative<order::close>(what))
          self->quit();
        return leg_reply{order::done{}};
      },
      [](const media_noticed&) {},
      [log](const relocate& message) { log->relocations.push_back(message.to); },
      [log](const participation_changed& message) {
        log->mutes.push_back(*message.change.muted);
        log->noise_suppressions.push_back(message.change.noise_suppression);
      },
      [log](const removed_from_room& message) { log->removals.push_back(message.reason); },
      [log](const stream_report& message) { log->reports.push_back(message); },
      [](const supervise_tick&) {},
  };
}

/// A PCMU stream to and from a port of its own.
inline std::shared_ptr<audio::duplex_stream> make_pcmu_stream(std::shared_ptr<audio::packet_ring> ring,
                                                              std::uint16_t remote_port) {
  sdp::negotiated agreed;
  agreed.remote = {4, {127, 0, 0, 1}, remote_port};
  agreed.send_as = {.codec = audio::codec_kind::pcmu, .bitrate = 0, .fec = false, .dtx = false};
  agreed.send_payload_type = 0;
  agreed.receivable = {{0, audio::codec_kind::pcmu}};
  auto made = make_stream(agreed, std::move(ring), 0, {});
  EXPECT_TRUE(made);
  return std::make_shared<audio::duplex_stream>(std::move(*made));
}

} // namespace plenary::test
