#pragma once

#include "node/link/environment.hpp"

#include <kj/async.h>

#include <map>
#include <random>

namespace plenary::link {

/// How an attempt to reach an address went.
enum class dial_outcome {
  linked,    ///< the address is served by a link now
  dial_back, ///< the node there dials us
  self,      ///< this node itself answered
  refused,   ///< one of the two does not want the other
  paused,    ///< not now
  failed     ///< nobody answered, or not in time
};

/// The addresses to keep links to: when to dial which, with jittered back-off. One attempt an address at a
/// time.
class dial_list : private kj::TaskSet::ErrorHandler {
public:
  /// What dials; the promise never fails. `who` answers by itself with `note_peer`.
  using dialler = std::function<kj::Promise<dial_outcome>(const std::string& address)>;
  /// Whether a link to this peer is up.
  using linked = std::function<bool(const node_name& peer)>;

  dial_list(environment& around, dialler dial, linked is_linked);

  /// Replaces the addresses that were set before; the configured seeds stay.
  void set(const std::vector<std::string>& addresses);

  /// An address that a peer told; it is forgotten when it fails for long.
  void learn(const std::string& address, const node_name& peer);

  /// Who answers at this address; it is not dialled while a link to that peer is up.
  void note_peer(const std::string& address, const node_name& peer);

  /// The link to a peer is gone: its addresses are dialled again, not before `pause`.
  void wake(const node_name& peer, std::chrono::milliseconds pause);

private:
  enum class source { configured, set, learned };
  struct target {
    source from = source::learned;
    std::optional<node_name> peer;
    unsigned failures = 0;
    mono_time answered_at{}; ///< or since when the address is known
    bool dialling = false;
    std::uint64_t round = 0; ///< the timer of an earlier round is void
  };

  void add(const std::string& address, source from);
  void schedule(const std::string& address, std::chrono::milliseconds delay);
  void attempt(const std::string& address, std::uint64_t round);
  void finished(const std::string& address, dial_outcome how);
  std::chrono::milliseconds pause_after(const target& which, dial_outcome how);
  std::chrono::milliseconds jittered(std::chrono::milliseconds most);
  void taskFailed(kj::Exception&& why) override;

  environment& around_;
  dialler dial_;
  linked is_linked_;
  std::map<std::string, target> targets_;
  std::mt19937_64 random_;
  kj::TaskSet tasks_;
};

} // namespace plenary::link
