#pragma once

#include "bench/load/media_engine.hpp"
#include "bench/load/sip_caller.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace plenary::load {

/// What those do who do not talk.
enum class silence : std::uint8_t { dtx, noise };

/// Who calls, and how. Caller i goes to room i % rooms; the first `talkers` of a room talk all the time.
struct crowd {
  std::size_t rooms = 1;
  std::size_t callers_per_room = 10;
  std::size_t talkers = 2; ///< per room
  silence silent = silence::dtx;
  bool srtp = false;
  double calls_per_second = 50;
};

/// One caller of the crowd.
struct participant {
  std::size_t room = 0;
  std::size_t number = 0; ///< of the tone, when it talks
  int lane = -1;          ///< of its marks
  bool talks = false;
  bool kept = false;     ///< what it hears is checked
  bool up = false;       ///< the call was answered
  std::size_t media = 0; ///< its place in the media engine's records
};

/// Real calls to one server: places them, keeps their media flowing, hangs up.
class session {
public:
  /// Fails with `network` or `internal`.
  static result<std::unique_ptr<session>> start(const crowd& plan, const sockaddr_in& server);

  /// Adds `count` callers at the plan's call rate, lets the last of them be answered, and waits 3 s more for
  /// buffers to settle. Fails with `unavailable` when a call is not answered.
  result<void> place(std::size_t count);

  /// Keeps signalling alive for `duration`.
  void idle(std::chrono::milliseconds duration);

  /// Ends all calls. The number of calls that ended as they should.
  std::size_t hang_up();

  media_engine& media() { return *media_; }
  const std::vector<participant>& participants() const { return participants_; }
  const std::vector<placed_call>& calls() const { return sip_->calls(); }

private:
  explicit session(const crowd& plan)
      : plan_(plan) {}
  result<void> make_loops();
  participant cast(std::size_t index) const;
  const payload_loop& loop_of(std::size_t index) const;
  result<void> call(std::size_t index);
  result<void> serve(std::chrono::milliseconds wait);
  result<void> answered(std::size_t index);

  crowd plan_;
  std::vector<payload_loop> talker_loops_; // by participant::number
  std::vector<payload_loop> silent_loops_;
  std::vector<participant> participants_;
  std::vector<int> sockets_;
  std::size_t kept_listeners_ = 0;
  std::unique_ptr<sip_caller> sip_;
  std::unique_ptr<media_engine> media_; // last: it uses the loops
};

} // namespace plenary::load
