#pragma once

#include "actors/edge/telemetry.hpp"
#include "actors/leg/stream_ownership.hpp"
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

/// Who hears what the receive thread finds out; called on that thread, must return at once.
struct media_observers {
  /// The leg's source is known now (see media_ports::settle).
  std::function<void(const port_lease&, const audio::endpoint& source, std::uint32_t offer)> settled;
  /// A packet of nobody came to this port.
  std::function<void(audio::port_index port, mono_time now)> stranger;
  /// Once a second: ports that nobody needs any more; they are forgotten and then closed here.
  std::function<std::vector<closing_pair>(mono_time now)> idle;
};

/// The node's media receive thread: reads every media port in batches and gives each packet to its leg.
/// Commands from other threads are carried out between two reads.
class media_receiver {
public:
  /// Fails with `network` when the system gives no descriptors.
  static result<std::unique_ptr<media_receiver>> make(telemetry& meters, media_observers observers);
  ~media_receiver();
  media_receiver(const media_receiver&) = delete;
  media_receiver& operator=(const media_receiver&) = delete;

  /// Watches a pair of sockets, from any thread. Fails with `network` when the system does not let us.
  result<void> watch(audio::port_index port, int rtp_socket, int rtcp_socket);
  /// Gives a leg its packets from now on, from any thread.
  void add(std::shared_ptr<receiving_leg> leg);
  /// New settings of a leg, from any thread.
  void update(std::shared_ptr<receiving_leg> leg, receive_settings settings);
  /// The leg hears nothing more once this was carried out, from any thread.
  void remove(std::shared_ptr<receiving_leg> leg);

private:
  struct port_state {
    int rtp_socket = -1;
    int rtcp_socket = -1;
    stream_ownership owners;
    std::unordered_map<std::uint64_t, std::shared_ptr<receiving_leg>> legs; ///< by lease
  };
  class packet_buffers;

  media_receiver(telemetry& meters, media_observers observers);
  void post(std::function<void()> command);
  void run();
  void run_commands();
  void look_after(mono_time now);
  void close_idle(mono_time now);
  void read(audio::port_index port, bool rtcp, packet_buffers& buffers);
  reception receive(port_state& port, bool rtcp, std::span<std::uint8_t> packet, const audio::endpoint& from);
  reception receive_media(port_state& port, std::span<std::uint8_t> packet, const audio::endpoint& from,
                          mono_time now);
  reception offer(port_state& port, receiving_leg& leg, std::span<std::uint8_t> packet,
                  const stream_ownership::packet& seen, mono_time now);
  reception receive_control(port_state& port, std::span<std::uint8_t> packet, const audio::endpoint& from,
                            mono_time now);

  telemetry& meters_;
  media_observers observers_;
  std::unordered_map<audio::port_index, port_state> ports_;
  std::vector<std::uint8_t> spare_; ///< a packet that may be another leg's: SRTP opens in place
  mono_time next_look_{};
  mono_time next_closing_{};
  int epoll_ = -1;
  int wake_ = -1;
  std::mutex mutex_;
  std::vector<std::function<void()>> commands_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace plenary
