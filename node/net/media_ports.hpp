#pragma once

#include "actors/audio/packet_batch.hpp"
#include "actors/leg/stream_ownership.hpp"
#include "schema/result.hpp"

#include <array>
#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace plenary {

/// Where a node's media ports lie.
struct media_port_settings {
  std::string address = "127.0.0.1"; ///< IP literal that is bound
  std::uint16_t first_port = 20000;  ///< 0: the system chooses (tests)
  std::uint16_t last_port = 29999;
  std::size_t max_legs_per_port =
      512;                       ///< more legs a port: larger batches, longer search when a source moves
  std::string advertise{};       ///< IP literal that SDP names; empty: `address`
  std::chrono::seconds rest{30}; ///< so long at most a released port takes no caller behind a NAT
};

/// One leg's place on a port.
struct port_lease {
  audio::port_index port = 0;
  std::uint64_t id = 0;
};

/// Sockets that are to be closed by whoever reads them.
struct closing_pair {
  audio::port_index port = 0;
  int rtp = -1;
  int rtcp = -1;
};

/// Pairs of UDP sockets (even RTP, odd RTCP port; RFC 3550 section 11), shared by legs so that one system
/// call sends for many. Legs share a pair as long as stream_ownership can tell them apart:
///
///  - two that name one address, or wait behind one NAT, never: each such pair is one of at most half of all,
///    so that those who can be told apart always find a place;
///  - two that wait on one host share only when there are pairs enough;
///  - a pair that a leg has left rests: it takes no leg whose source would be guessed until nothing has come
///    for stream_memory::quiet, or `rest` is over, and none of a host whose stream it has just let go of;
///    when there is no other it takes one all the same.
///
/// A pair that nobody needs any more is closed. Only a port that another program has is skipped; what the
/// system cannot give costs the one call that asked.
class media_ports {
public:
  /// `opened` hears of every new pair (to watch its sockets), before a leg uses it; when it fails, so does
  /// the call that asked for the pair.
  using opened_callback =
      std::function<result<void>(audio::port_index port, int rtp_socket, int rtcp_socket)>;

  /// Pairs that stay open although nobody needs them; they know which streams were there before a caller.
  static constexpr std::size_t kept_pairs = 4;
  static constexpr std::chrono::seconds idle_time{10};

  /// Fails with `malformed` when an address is no IP literal, or one is IPv4 and one IPv6.
  static result<std::unique_ptr<media_ports>> make(const media_port_settings& settings,
                                                   opened_callback opened);
  ~media_ports();
  media_ports(const media_ports&) = delete;
  media_ports& operator=(const media_ports&) = delete;

  /// A place for a leg. Fails with `limit_reached` when every port is taken or the leg needs one alone and
  /// half of all are such, `network` when the system gives no socket.
  result<port_lease> acquire(const media_claim& claim, mono_time now);

  /// The leg's source is known now; found under an earlier offer it says nothing.
  void settle(const port_lease& lease, const audio::endpoint& source, std::uint32_t offer);

  /// A new offer: the leg waits again.
  void expect(const port_lease& lease, const media_claim& claim);

  void release(const port_lease& lease, mono_time now);

  /// A packet of nobody came to the port; from any thread.
  void disturb(audio::port_index port, mono_time now);

  /// Keeps a pair ready for the next caller: who listens before it comes knows what was there before.
  void prepare(mono_time now);

  /// Pairs that nobody has needed for a while; the caller closes their sockets.
  std::vector<closing_pair> take_idle(mono_time now);

  std::size_t open_pairs() const;

  /// Where callers send to: what SDP names.
  audio::endpoint told_address(audio::port_index port) const;
  /// -1 when the port is not open.
  int rtp_socket(audio::port_index port) const;
  int rtcp_socket(audio::port_index port) const;

private:
  /// Most pairs of one node: every even port.
  static constexpr std::size_t max_pairs = 32768;

  struct place {
    media_claim claim;
    bool waits = true;
    audio::endpoint source; ///< family 0: not known yet
  };
  struct pair {
    audio::endpoint local;
    bool open = false;
    std::map<std::uint64_t, place> legs; ///< by lease
    std::vector<std::uint64_t> waiting;
    std::multiset<audio::endpoint> taken; ///< named by an SDP, or a source
    mono_time used{};                     ///< when it was opened, or a leg left it
    bool rests = false;
    std::vector<std::pair<audio::endpoint, mono_time>> left{}; ///< sources that no SDP named, and when
  };
  struct sockets {
    std::atomic<int> rtp{-1};
    std::atomic<int> rtcp{-1};
    std::atomic<mono_time::rep> disturbed{0};
  };
  enum class fit { full, alike, resting, crowded, good };

  media_ports(const media_port_settings& settings, const audio::endpoint& base, opened_callback opened);
  std::size_t all_pairs() const;
  bool is_quiet(audio::port_index port, mono_time now) const;
  bool is_resting(audio::port_index port, mono_time now) const;
  static bool has_left(const pair& where, const media_claim& claim, mono_time now);
  fit fit_of(audio::port_index port, const media_claim& claim, mono_time now) const;
  result<audio::port_index> find_place(const media_claim& claim, mono_time now);
  result<audio::port_index> open_pair(mono_time now);
  result<audio::port_index> adopt(int rtp, int rtcp, mono_time now);
  void shut(audio::port_index port);
  audio::port_index free_index();
  void wait(pair& where, std::uint64_t id, bool waits);
  void take(pair& where, const audio::endpoint& address);
  static void give_back(pair& where, const audio::endpoint& address);

  media_port_settings settings_;
  audio::endpoint base_;
  audio::endpoint told_; ///< without port
  opened_callback opened_;
  mutable std::mutex mutex_;
  std::vector<pair> pairs_;
  std::set<std::uint16_t> open_; ///< RTP ports
  std::unique_ptr<std::array<sockets, max_pairs>> sockets_;
  std::size_t next_pair_ = 0; ///< of the range
  std::uint64_t next_id_ = 1;
};

} // namespace plenary
