#pragma once

#include "actors/edge/peer_network.hpp"
#include "actors/protocol.hpp"
#include "node/gate.hpp"

#include <functional>
#include <map>
#include <utility>

namespace plenary {

/// Between the links' thread and the directory: passes on what peers do, in order.
class peer_gateway final : public peer_listener {
public:
  using loss_callback = std::function<void(const node_name& lost, std::uint64_t incarnation)>;

  /// `on_loss` hears on the links' thread of every peer that is not linked any more.
  explicit peer_gateway(loss_callback on_loss)
      : on_loss_(std::move(on_loss)) {}

  /// From now on the directory hears everything; what was told and asked before is made up for, in order: a
  /// peer says only once which rooms it owns, and is no member before.
  void open(directory_actor directory) { directory_.open(std::move(directory)); }

  /// Lets go of the directory, so that the actor system can end; requests of peers fail from now on.
  void close() { directory_.close(); }

  void on_link_up(peer_identity peer, member_status status) override;
  void on_status(const node_name& peer, member_status status, mono_time asked_at) override;
  void on_link_down(const node_name& peer, link_end reason) override;
  void on_request(const node_name& peer, peer_request what, peer_network::callback answer) override;

private:
  /// False when nobody will hear it any more.
  template <class Message>
  bool tell(Message message);

  loss_callback on_loss_;
  std::map<node_name, std::uint64_t> incarnations_; ///< of linked peers; the links' thread only
  gate<directory_actor> directory_;
};

} // namespace plenary
