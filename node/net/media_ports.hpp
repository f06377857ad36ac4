#pragma once

#include "actors/audio/endpoint.hpp"
#include "actors/audio/packet_batch.hpp"
#include "schema/result.hpp"

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace plenary {

/// Where a node's media ports lie.
struct media_port_settings {
  std::string address = "127.0.0.1"; ///< IP literal that is bound
  std::uint16_t first_port = 20000;  ///< 0: the system chooses (tests)
  std::uint16_t last_port = 29999;
  std::size_t max_legs_per_port =
      512;                 ///< more legs a port: larger batches, longer search when a source moves
  std::string advertise{}; ///< IP literal that SDP names; empty: `address`
};

/// One leg's place on a port.
struct port_lease {
  audio::port_index port = 0;
  std::uint64_t id = 0;
};

/// Pairs of UDP sockets (even RTP, odd RTCP port; RFC 3550 section 11), shared by legs so that one system
/// call sends for many. At most one leg of a port has an unknown media source at any time, so a packet from a
/// new address can belong to that leg only; and no two legs of a port expect the same source.
class media_ports {
public:
  /// `opened` hears of every new pair (to watch its sockets), before a leg uses it.
  using opened_callback = std::function<void(audio::port_index port, int rtp_socket, int rtcp_socket)>;

  /// Fails with `malformed` when an address is no IP literal.
  static result<std::unique_ptr<media_ports>> make(const media_port_settings& settings,
                                                   opened_callback opened);
  ~media_ports();
  media_ports(const media_ports&) = delete;
  media_ports& operator=(const media_ports&) = delete;

  /// A place for a leg whose media should come from `expected` (family 0: not known yet). Fails with
  /// `limit_reached` when every port is taken, `internal` when the system gives no socket.
  result<port_lease> acquire(const audio::endpoint& expected);

  /// The leg's source is known now; the port may take another leg of unknown source.
  void settle(const port_lease& lease);

  /// The leg expects another source (new offer) and is unsettled again, unless another leg of the port is:
  /// then only the very address that is expected will do.
  void expect(const port_lease& lease, const audio::endpoint& expected);

  void release(const port_lease& lease);

  /// Where callers send to: what SDP names.
  audio::endpoint told_address(audio::port_index port) const;
  /// -1 when the port was never opened.
  int rtp_socket(audio::port_index port) const;
  int rtcp_socket(audio::port_index port) const;

private:
  /// Most pairs of one node: every even port.
  static constexpr std::size_t max_pairs = 32768;

  struct pair {
    audio::endpoint local;
    std::map<std::uint64_t, audio::endpoint> legs; ///< lease id -> expected source
    std::uint64_t unsettled = 0;                   ///< lease id, 0: none
  };
  struct sockets {
    std::atomic<int> rtp{-1};
    std::atomic<int> rtcp{-1};
  };

  media_ports(const media_port_settings& settings, const audio::endpoint& base, opened_callback opened);
  bool has_place(const pair& candidate, const audio::endpoint& expected) const;
  result<audio::port_index> open_pair();

  media_port_settings settings_;
  audio::endpoint base_;
  audio::endpoint told_; ///< without port
  opened_callback opened_;
  mutable std::mutex mutex_;
  std::vector<pair> pairs_;
  std::unique_ptr<std::array<sockets, max_pairs>> sockets_;
  std::uint32_t next_port_ = 0;
  std::uint64_t next_id_ = 1;
};

} // namespace plenary
