#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/net/receiving_leg.hpp"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <vector>

namespace plenary {

/// The node's media receive thread: reads every media port in batches and gives each packet to its leg.
/// Commands from other threads are carried out between two reads.
class media_receiver {
public:
  /// `settled` hears that a leg's source is known (see media_ports::settle).
  media_receiver(telemetry& meters, std::function<void(const port_lease&)> settled);
  ~media_receiver();
  media_receiver(const media_receiver&) = delete;
  media_receiver& operator=(const media_receiver&) = delete;

  /// Watches a pair of sockets, from any thread.
  void watch(audio::port_index port, int rtp_socket, int rtcp_socket);
  /// Gives a leg its packets from now on, from any thread.
  void add(std::shared_ptr<receiving_leg> leg);
  /// New settings of a leg, from any thread.
  void update(std::shared_ptr<receiving_leg> leg, receive_settings settings);
  /// The leg hears nothing more once this was carried out, from any thread.
  void remove(std::shared_ptr<receiving_leg> leg);

private:
  struct endpoint_hash {
    std::size_t operator()(const audio::endpoint& where) const noexcept;
  };
  struct port_state {
    int rtp_socket = -1;
    int rtcp_socket = -1;
    std::unordered_map<audio::endpoint, std::shared_ptr<receiving_leg>, endpoint_hash> by_source;
    std::vector<std::shared_ptr<receiving_leg>> legs;
  };
  class packet_buffers;

  void post(std::function<void()> command);
  void run();
  void run_commands();
  void expire_digits(mono_time now);
  void read(audio::port_index port, bool rtcp, packet_buffers& buffers);
  void receive(port_state& port, bool rtcp, std::span<std::uint8_t> packet, const audio::endpoint& from);
  reception offer(port_state& port, std::span<std::uint8_t> packet, const audio::endpoint& from,
                  mono_time now);
  reception receive_control(port_state& port, std::span<std::uint8_t> packet, audio::endpoint from,
                            mono_time now);
  void learn_source(port_state& port, const std::shared_ptr<receiving_leg>& leg, const audio::endpoint& from);
  static void forget_sources(port_state& port, const receiving_leg& leg);

  telemetry& meters_;
  std::function<void(const port_lease&)> settled_;
  std::unordered_map<audio::port_index, port_state> ports_;
  int epoll_ = -1;
  int wake_ = -1;
  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace plenary
