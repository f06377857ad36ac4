#pragma once

#include "actors/edge/signalling.hpp"
#include "node/sip/call_limits.hpp"
#include "schema/ids.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

enum class signalling_transport { udp, tcp, tls };

/// A place to listen on.
struct sip_address {
  signalling_transport transport = signalling_transport::udp;
  std::string host;       ///< IP literal, IPv6 without brackets
  std::uint16_t port = 0; ///< 0: any free port

  friend bool operator==(const sip_address&, const sip_address&) = default;
};

/// The address with its transport as a prefix: `udp:127.0.0.1:5060`, `tcp:[::1]:5060`.
std::string to_string(const sip_address& address);

/// A carrier or phone system that may call.
struct sip_trunk {
  std::string name;
  std::string proxy;    ///< SIP URI; its host, when an IP literal, may call if `inbound_ips` is empty
  std::string username; ///< answers 401 and 407 inside a dialog; empty: such answers are final
  std::string password;
  std::vector<std::string> inbound_ips; ///< IP literals or networks such as `10.0.0.0/8`
  srtp_policy srtp = srtp_policy::optional;
  std::string realm{};  ///< of challenges that are answered; empty: that of the first one
  bool trusted = false; ///< its P-Asserted-Identity is believed
};

/// Whom a called number belongs to.
struct sip_did {
  application_id application;
  customer_id customer;
  std::vector<std::string> headers{}; ///< of the INVITE that the application wants to hear
};

/// Everything that the SIP edge is told at start.
struct sip_settings {
  node_name node;
  std::string user_agent; ///< empty: `Plenary/<version>`
  std::vector<sip_address> listen;
  std::string advertise;       ///< host that our Contact names; empty: the address that the request came to
  std::string tls_certificate; ///< PEM file with the chain; needed when `listen` holds a TLS address
  std::string tls_key;         ///< PEM file
  std::vector<sip_trunk> trunks;
  std::map<std::string, sip_did> dids; ///< by number, `+` optional
  std::size_t max_calls = 5000;
  call_limit_settings limits;      ///< of trunks, applications, customers and addresses
  std::function<bool()> can_store; ///< asked for each INVITE; false: 503. None: always; any thread
  bool answer_strangers = false; ///< one short 403 within a budget, instead of silence, to who is no trunk's
  std::size_t max_connections = 2000; ///< TCP and TLS, accepted ones
  std::size_t max_connections_per_address = 200;
  std::chrono::seconds message_timeout{10};   ///< RFC 3261 says nothing; a guess
  std::chrono::seconds idle_timeout{900};     ///< of a connection; libre's own is 900 s
  std::size_t max_backlog = 10'000;           ///< commands that may wait before new calls get 503
  std::chrono::seconds retry_after{10};       ///< told with every 503
  std::chrono::seconds session_expires{1800}; ///< RFC 4028; what we propose and at most accept
  std::chrono::seconds min_session_expires{90};
  /// Whether calls may come now; asked on the stack's thread for each INVITE and OPTIONS. Empty: always.
  std::function<bool()> takes_calls;
  std::chrono::milliseconds t1{500}; ///< RFC 3261 T1 of our answers to INVITE; only tests change it
};

} // namespace plenary
