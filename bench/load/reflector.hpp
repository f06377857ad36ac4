#pragma once

#include "bench/load/sip_message.hpp"
#include "schema/result.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace plenary::load {

/// What a reflector does wrong, so that the checks can be seen to fail.
enum class fault : std::uint8_t {
  none,
  echoes_talker,  ///< the talker hears itself
  says_nothing,   ///< nobody hears anything
  drops_packets,  ///< every 20th packet is lost
  delays_packets, ///< every other second is held back 100 ms more
  leaks_rooms     ///< everybody hears the talker of the last room
};

/// A stand-in for a server, for the self-test: answers calls and forwards what the first caller of a room
/// sends to the room's others, unmixed, after a fixed delay.
class reflector {
public:
  static result<std::unique_ptr<reflector>> start(std::chrono::milliseconds delay, fault wrong);
  ~reflector();
  reflector(const reflector&) = delete;
  reflector& operator=(const reflector&) = delete;

  const sockaddr_in& address() const { return sip_address_; }

  /// Most time that a packet was forwarded after it was due: how far the delay of this reflector can be
  /// trusted.
  std::chrono::nanoseconds most_lateness() const { return std::chrono::nanoseconds(most_lateness_.load()); }

private:
  using time_point = std::chrono::steady_clock::time_point;
  struct caller {
    std::string room;
    sockaddr_in media{};
  };
  struct held_packet {
    time_point due;
    std::size_t from = 0;
    std::vector<std::uint8_t> bytes;
  };

  reflector() = default;
  void run(const std::stop_token& stop);
  void read_sip();
  void read_rtp();
  void send_due(time_point now);
  void forward(const held_packet& packet);
  bool hears(std::size_t listener, std::size_t talker) const;
  std::chrono::milliseconds delay_of(const held_packet& packet) const;

  std::chrono::milliseconds delay_{0};
  fault wrong_ = fault::none;
  int sip_ = -1;
  int rtp_ = -1;
  sockaddr_in sip_address_{};
  sockaddr_in rtp_address_{};
  std::vector<caller> callers_;
  std::map<std::uint64_t, std::size_t> by_address_;
  std::map<std::string, std::size_t> talkers_; // room -> its first caller
  std::deque<held_packet> held_;
  std::uint64_t packets_ = 0;
  std::atomic<std::int64_t> most_lateness_{0}; // nanoseconds
  std::jthread thread_;                        // last: it uses the others
};

} // namespace plenary::load
