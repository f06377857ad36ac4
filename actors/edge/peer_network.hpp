#pragma once

#include "schema/peer.hpp"

#include <functional>
#include <string>
#include <vector>

namespace plenary {

/// Why a link ended.
enum class link_end : std::uint8_t {
  closed,  ///< the connection is gone
  silent,  ///< no heartbeat was answered within `cluster.silence_ms`
  refused, ///< one of the two does not want the other: equal names, clashing configuration
  overload ///< more was waiting to be sent than the limit allows
};

/// `closed`, `silent`, `refused` or `overload`.
std::string_view to_string(link_end reason);

/// The links to the other nodes; every method is safe from every thread and returns at once.
class peer_network {
public:
  using callback = std::function<void(result<peer_reply>)>;

  virtual ~peer_network() = default;

  /// Asks a peer; `done` runs once, on the network's thread, and must return at once. Fails with
  /// `unavailable` when there is no link or it ends before the answer, `timeout` after `deadline`, else with
  /// the peer's own error. A request whose answer is late may have been carried out.
  virtual void ask(const node_name& peer, peer_request what, std::chrono::milliseconds deadline,
                   callback done) = 0;

  /// What the heartbeats say from now on; an unequal phase is told to every peer at once.
  virtual void set_status(member_status status) = 0;

  /// Addresses to keep links to, beside the configured seeds; an address of this node itself does no harm.
  virtual void set_addresses(std::vector<std::string> addresses) = 0;

  /// Ends the link to a peer and takes none for `pause`.
  virtual void cut(const node_name& peer, std::chrono::milliseconds pause) = 0;
};

/// Who hears of links; called on the network's thread, in order, must return at once.
class peer_listener {
public:
  virtual ~peer_listener() = default;

  /// A link is up: both sides know each other and agree. Nothing else is told of a peer before.
  virtual void on_link_up(peer_identity peer, member_status status) = 0;

  /// The peer answered the heartbeat that was sent at `asked_at`: it had not given this node up by then.
  virtual void on_status(const node_name& peer, member_status status, mono_time asked_at) = 0;

  /// The link is gone; every request that was not answered fails first.
  virtual void on_link_down(const node_name& peer, link_end reason) = 0;

  /// The peer asks; `answer` is to be called once, from any thread.
  virtual void on_request(const node_name& peer, peer_request what, peer_network::callback answer) = 0;
};

} // namespace plenary
