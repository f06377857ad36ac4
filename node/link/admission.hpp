#pragma once

#include "schema/peer.hpp"

#include <optional>

namespace plenary::link {

/// What one side knows when it decides about a connection; nothing here has to be true but the certificate.
struct introduction {
  peer_identity own;
  peer_identity peer;                          ///< as it introduced itself
  std::optional<std::string> certificate_name; ///< CN that TLS has verified; nothing on plain connections
  bool peer_dialled = false;                   ///< else this node did
  bool paused = false;                         ///< no link to this peer is taken now
  std::optional<std::uint64_t> linked_incarnation{}; ///< of the peer's link that is up
  std::uint64_t newest_incarnation = 0;              ///< that was met lately under the peer's name
};

enum class verdict {
  accept,
  dial_back, ///< this node has the smaller name and dials itself
  duplicate, ///< there is a link of the same incarnation: the dialler drops the new connection
  self,      ///< both ends are this process
  refuse
};

/// A verdict, and for `refuse` why. Code `unavailable` passes by itself, every other one needs an operator.
struct judgement {
  verdict what = verdict::accept;
  error reason;
};

/// Decides about a connection after `hello`: the same facts give both sides verdicts that fit together, and
/// exactly one connection of two nodes stays, the one dialled by the smaller name.
judgement judge(const introduction& facts);

/// What an operator can do about a refusal.
std::string_view hint_for(const error& refusal);

} // namespace plenary::link
