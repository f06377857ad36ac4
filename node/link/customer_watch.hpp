#pragma once

#include "schema/peer.hpp"

#include <chrono>
#include <map>
#include <optional>
#include <string>

namespace plenary::link {

/// For so long nodes may differ in silence: they are configured one after the other.
inline constexpr std::chrono::seconds differing_patience{5};

/// Notices that a peer knows other applications or numbers than this node. Time is a parameter.
class customer_watch {
public:
  /// What is to be told of a peer: in what it differs, for example `applications and numbers`; an empty text
  /// when it was told that it differs and does so no more; nothing when there is nothing new.
  std::optional<std::string> note(const node_name& peer, const customer_digests& own,
                                  const customer_digests& theirs, mono_time now);

  /// The peer is gone.
  void forget(const node_name& peer) { peers_.erase(peer); }

private:
  struct difference {
    std::string kinds;
    mono_time since{};
    std::string told;
  };

  std::map<node_name, difference> peers_;
};

} // namespace plenary::link
