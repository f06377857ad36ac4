#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/sip/libre.hpp"
#include "node/sip/timers.hpp"

#include <chrono>
#include <functional>

namespace plenary::sip_layer {

/// A 200 to an INVITE, sent again after T1, 2 T1, 4 T1 ... at most 8 T1 until its ACK (RFC 3261 13.3.1.4).
class ok_repeater {
public:
  /// `on_no_ack` runs once when 64 T1 passed without ACK.
  ok_repeater(::sip* stack, telemetry& counters, std::chrono::milliseconds t1,
              std::function<void()> on_no_ack);

  /// `answer` was sent once already, for `invite`.
  void start(re_ptr<mbuf> answer, const sip_msg& invite);

  /// True between `start` and the ACK.
  bool waiting() const { return static_cast<bool>(answer_); }

  /// Ends the waiting when the ACK is for this answer; false: it is not.
  bool acknowledge(std::uint32_t cseq);

  void stop();

private:
  void repeat();

  ::sip* stack_;
  telemetry& counters_;
  std::chrono::milliseconds t1_;
  std::chrono::milliseconds interval_{0};
  re_ptr<mbuf> answer_;
  re_ptr<sip_msg> invite_;
  sa target_{};
  stack_timer again_;
  stack_timer give_up_;
};

} // namespace plenary::sip_layer
