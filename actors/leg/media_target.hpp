#pragma once

#include "actors/audio/media_address.hpp"

#include <cstdint>
#include <utility>

namespace plenary {

/// Where a leg's media goes. Offers and news of where the caller was heard cross on their way between the leg
/// and the receive thread: what was found under an earlier offer may name an address that the caller has
/// left.
///
///   agree(A) --> [A, offer n] --hear(B, n)--> [B, offer n] --agree(A)--> [B, offer n + 1]
///                    ^   |                          |
///   hear(B, n - 1) --+   +----------agree(C)--------+------------------> [C, offer n + 1]
///
/// Whoever finds sources (stream_ownership) decides anew after each offer and tells again. Pure.
class media_target {
public:
  /// A new agreement names this address; an unspecified one (hold) asks nobody to look anew.
  void agree(const audio::endpoint& named) {
    if (!is_unspecified(named))
      ++offer_;
    if (std::exchange(named_, named) != named)
      address_ = named;
  }
  /// The caller was heard there under that offer; true when media goes there from now on.
  bool hear(const audio::endpoint& source, std::uint32_t offer) {
    if (offer != offer_)
      return false;
    address_ = source;
    return true;
  }

  const audio::endpoint& address() const { return address_; }
  /// Number of the latest agreement; 0: none yet.
  std::uint32_t offer() const { return offer_; }

private:
  audio::endpoint named_;
  audio::endpoint address_;
  std::uint32_t offer_ = 0;
};

} // namespace plenary
