#pragma once

#include "actors/edge/peer_network.hpp"
#include "node/link/link_settings.hpp"

#include <memory>

namespace plenary {

/// Links to the other nodes by Cap'n Proto RPC over mutual TLS 1.3, all on one thread of its own.
class kj_peer_network final : public peer_network {
public:
  /// Listens and starts to dial; fails when the address is taken or the TLS files are wrong. The listener
  /// must outlive the network, and may hear of links before this returns.
  static result<std::unique_ptr<kj_peer_network>> start(link_settings settings, peer_listener& listener);

  /// Ends every link and joins the thread; requests without an answer fail first, the listener is told
  /// nothing.
  ~kj_peer_network() override;

  /// The port that is listened on.
  std::uint16_t port() const { return port_; }

  /// Who this node says it is; with the address that others dial.
  const peer_identity& identity() const { return identity_; }

  /// Reads the certificates for `use_loaded_tls`, and changes nothing. Links that are plain stay so.
  result<void> load_tls(const link_tls_files& files);

  /// Links that begin from now on use the certificates that were read last; those that are up stay.
  void use_loaded_tls();

  /// What the other nodes are told of this node's applications and numbers from now on; `configuration` is
  /// for those of older versions.
  void set_customers(const customer_digests& customers, std::uint64_t configuration);

  void ask(const node_name& peer, peer_request what, std::chrono::milliseconds deadline,
           callback done) override;
  void set_status(member_status status) override;
  void set_addresses(std::vector<std::string> addresses) override;
  void cut(const node_name& peer, std::chrono::milliseconds pause) override;

private:
  class life; ///< everything on the loop's thread

  kj_peer_network();

  std::uint16_t port_ = 0;
  peer_identity identity_;
  std::unique_ptr<life> life_;
};

} // namespace plenary
