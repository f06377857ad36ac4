#pragma once

#include "node/link/environment.hpp"

#include <kj/async.h>

#include <unordered_map>

namespace plenary::link {

/// Requests of peers that the node has in work: brings their answers from any thread back to the loop.
class answer_desk : public std::enable_shared_from_this<answer_desk> {
public:
  explicit answer_desk(environment& around)
      : around_(around) {}

  /// Hands a request to the listener. A callback that is dropped without a call answers `internal`.
  kj::Promise<result<peer_reply>> pass_on(const node_name& peer, peer_request what);

  /// Requests that the listener has not answered yet, of all peers.
  std::size_t unanswered() const { return waiting_.size(); }

private:
  class ticket;

  void answered(std::uint64_t number, result<peer_reply>&& answer);

  environment& around_;
  std::uint64_t next_ = 0;
  std::unordered_map<std::uint64_t, kj::Own<kj::PromiseFulfiller<result<peer_reply>>>> waiting_;
};

} // namespace plenary::link
