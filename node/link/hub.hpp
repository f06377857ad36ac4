#pragma once

#include "node/link/customer_watch.hpp"
#include "node/link/dial_list.hpp"
#include "node/link/session.hpp"
#include "schema/token_bucket.hpp"

#include <kj/async-io.h>
#include <kj/compat/tls.h>

#include <map>

namespace plenary::link {

/// All links of a node, on the link's thread: accepts, dials, decides, and tells the listener.
class hub final : public session_owner, private kj::TaskSet::ErrorHandler {
public:
  /// A listening socket and what connections are wrapped in; without a context they stay plain.
  struct sockets {
    kj::Network& network;
    kj::Own<kj::ConnectionReceiver> listening;
    std::shared_ptr<kj::TlsContext> tls; ///< each stream keeps the context that it began with
  };

  hub(environment& around, sockets opened);
  ~hub() noexcept override;

  void ask(const node_name& peer, const peer_request& what, std::chrono::milliseconds deadline,
           peer_network::callback done);
  void set_status(member_status status);
  /// Heartbeats say so from now on; `configuration` is what older versions compare.
  void set_customers(const customer_digests& customers, std::uint64_t configuration);
  void set_addresses(const std::vector<std::string>& addresses);
  void cut(const node_name& peer, std::chrono::milliseconds pause);
  /// Reads the files for `use_loaded_tls`; changes nothing.
  result<void> load_tls(const link_tls_files& files);
  /// Connections that begin from now on use what was loaded; the links that are up stay.
  void use_loaded_tls();

  judgement on_greeting(session& from) override;
  void on_confirmed(session& which) override;
  void on_refused(session& which, const error& reason) override;
  void on_heard(session& which) override;
  void on_ended(session& which, link_end reason) override;

private:
  /// From accept() to a confirmed link; to destroy it is to cut it off.
  struct newcomer {
    std::shared_ptr<session> connection; ///< after the TLS handshake
    kj::Promise<void> work = nullptr;
    std::string source; ///< where it comes from, for the log
  };
  /// A name's latest incarnation, remembered for a while after it has replaced another one.
  struct newest {
    std::uint64_t incarnation = 0;
    mono_time until{};
  };
  using newcomers = std::map<std::uint64_t, newcomer>; ///< oldest first

  kj::Promise<void> accept_next();
  void accepted(kj::AuthenticatedStream stream);
  kj::Promise<void> receive(std::uint64_t number, kj::AuthenticatedStream stream);
  newcomers::iterator find(const session& which);
  void turn_away(newcomers::iterator who, std::string_view reason);

  kj::Promise<dial_outcome> dial(const std::string& address);
  kj::Promise<kj::AuthenticatedStream> connect(const std::string& address);
  kj::Promise<dial_outcome> introduce(const std::string& address, kj::AuthenticatedStream stream);
  kj::Promise<dial_outcome> welcomed(const std::shared_ptr<session>& dialled, const judgement& theirs);
  kj::Promise<dial_outcome> reject(const std::shared_ptr<session>& dialled, const error& reason);

  std::optional<std::string> common_name(kj::AuthenticatedStream& stream);
  judgement judge_peer(const session& which);
  void drop_older_link(const peer_identity& peer);
  void close_link(const node_name& peer);
  void raise(const std::shared_ptr<session>& link);
  bool is_paused(const node_name& peer) const;
  /// Told once a minute of each address, else to those who listen for everything.
  log_level level_for(const std::string& whom);
  void log_refusal(const session& which, const error& reason);
  void compare_customers(const session& with);
  template <class Dead>
  void bury(Dead dead);
  void taskFailed(kj::Exception&& why) override;

  environment& around_;
  sockets sockets_;
  std::shared_ptr<kj::TlsContext> loaded_tls_; ///< null: nothing was loaded
  std::shared_ptr<answer_desk> desk_;
  kj::TaskSet tasks_;                                   ///< before all that is buried in it
  std::map<node_name, std::shared_ptr<session>> links_; ///< those that are up
  std::map<node_name, mono_time> paused_until_;
  std::map<node_name, newest> newest_;
  token_buckets<std::string> told_;
  std::uint64_t next_newcomer_ = 0;
  newcomers newcomers_;
  dial_list dials_;
  customer_watch customers_;
};

} // namespace plenary::link
