#pragma once

#include "actors/audio/srtp.hpp"
#include "tests/support/rtp_stream.hpp"
#include "tests/support/sip_message.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::attack {

/// How a hand_caller calls.
struct hand_caller_options {
  test::ip_endpoint server;
  std::string from = "+15550009004";
  double tone_hertz = 700;
  bool secure = false;     ///< RTP/SAVP with an `a=crypto` line of its own
  bool wrong_keys = false; ///< protects with others than that line names
};

/// A caller whose every packet the test holds in its hand: it can be changed, kept, and sent again from the
/// caller's own socket, which is what somebody who forges the source address does.
class hand_caller {
public:
  explicit hand_caller(hand_caller_options options);
  /// Hangs up without waiting.
  ~hand_caller();
  hand_caller(const hand_caller&) = delete;
  hand_caller& operator=(const hand_caller&) = delete;

  /// INVITE, 200, ACK; true when the call stands.
  bool call();

  /// Waits for the next 20 ms and sends the next packet of the tone; returns it as it went out.
  std::string tick();
  /// 0 Hz is silence.
  void set_tone(double hertz) { source_.set_tone(hertz, -20); }

  /// Sends these bytes to the node's media port, or to the RTCP port above it, from the caller's media
  /// socket.
  void send(std::string_view bytes, bool to_rtcp_port = false) const;
  /// Where the node takes this call's media.
  const test::ip_endpoint& media() const { return media_; }

private:
  std::string sdp() const;
  void send_sip(const std::string& method, int sequence, const std::string& body);
  bool wait_for_answer();

  hand_caller_options options_;
  test::file_descriptor sip_socket_;
  test::file_descriptor rtp_socket_;
  std::string call_id_;
  std::string to_tag_;
  std::string target_;
  test::ip_endpoint media_;
  test::rtp_tone_source source_;
  std::unique_ptr<audio::srtp_session> protection_;
  std::chrono::steady_clock::time_point next_tick_{};
};

} // namespace plenary::attack
