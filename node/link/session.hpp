#pragma once

#include "node/link/admission.hpp"
#include "node/link/answer_desk.hpp"
#include "node/link/batched_stream.hpp"
#include "node/link/node_server.hpp"

#include <capnp/rpc-twoparty.h>

#include <map>

namespace plenary::link {

class session;

/// Who decides about connections and hears of their end.
class session_owner {
public:
  virtual ~session_owner() = default;

  /// The accepted connection's peer has said who it is.
  virtual judgement on_greeting(session& from) = 0;

  /// The peer that dialled has confirmed the link: it is up.
  virtual void on_confirmed(session& which) = 0;

  /// The peer that was dialled has been refused by this node, or the other way round.
  virtual void on_refused(session& which, const error& reason) = 0;

  /// The peer has answered a heartbeat; see `session::last_status`.
  virtual void on_heard(session& which) = 0;

  /// Told once; the session is to be destroyed later, from the loop.
  virtual void on_ended(session& which, link_end reason) = 0;
};

/// One connection to a peer: RPC in both directions, heartbeat, limits. It becomes a link when it is up.
class session final : public call_handler,
                      public std::enable_shared_from_this<session>,
                      private kj::TaskSet::ErrorHandler {
public:
  struct origin {
    bool dialled = false;                        ///< by this node
    std::optional<std::string> certificate_name; ///< verified CN
    std::string address;                         ///< dialled, or empty
  };

  static std::shared_ptr<session> open(environment& around, kj::Own<kj::AsyncIoStream> stream, origin from,
                                       session_owner& owner, std::shared_ptr<answer_desk> desk);
  ~session() noexcept override;

  /// Introduces this node on a dialled connection; gives the peer's verdict and remembers who it is.
  kj::Promise<judgement> hello();

  /// The link is up: starts the heartbeat.
  void confirm();

  /// Tells a peer whose hello was accepted that it is not wanted after all; the connection ends then.
  kj::Promise<void> refuse(const error& reason);

  /// See `peer_network::ask`.
  void ask(const peer_request& what, std::chrono::milliseconds deadline, peer_network::callback done);

  /// Tells the status now, not with the next heartbeat.
  void tell_status();

  /// Ends the connection; pending requests fail first, then the owner is told.
  void end(link_end reason);

  const origin& from() const { return origin_; }
  /// Who the peer is, once it has said so.
  const peer_identity& peer() const { return peer_; }
  const member_status& last_status() const { return peer_status_; }
  bool up() const { return state_ == state::up; }

  void greet(wire::Node::Client peer, peer_identity who, member_status status,
             wire::Welcome::Builder answer) override;
  std::optional<member_status> beat(member_status status) override;
  void refused(error reason) override;
  kj::Promise<result<peer_reply>> serve(peer_request what) override;

private:
  enum class state { greeting, accepted, up, ended };

  session(environment& around, kj::Own<kj::AsyncIoStream> stream, origin from, session_owner& owner,
          std::shared_ptr<answer_desk> desk);

  void start();
  kj::Promise<void> ping();
  kj::Promise<void> keep_beating();
  void finish(std::uint64_t number, result<peer_reply>&& answer);
  wire::Node::Client& remote();
  bool overloaded();
  void taskFailed(kj::Exception&& why) override;

  environment& around_;
  session_owner& owner_;
  std::shared_ptr<answer_desk> desk_;
  origin origin_;
  state state_ = state::greeting;
  peer_identity peer_;
  member_status peer_status_;
  std::size_t serving_ = 0; ///< requests of the peer without an answer
  std::uint64_t next_ask_ = 0;
  std::map<std::uint64_t, peer_network::callback> asked_;

  // Destroyed in reverse: tasks and clients before RPC, RPC before its network, that before the stream.
  batched_stream stream_;
  capnp::TwoPartyVatNetwork network_;
  std::optional<capnp::RpcSystem<capnp::rpc::twoparty::VatId>> rpc_;
  std::optional<wire::Node::Client> remote_; ///< known when dialled, else after hello
  kj::TaskSet tasks_;
};

/// Equal on both ends, else a message that one sends and the other does not read would end the link.
capnp::ReaderOptions reader_options();

} // namespace plenary::link
