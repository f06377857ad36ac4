#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/sip/ip_network.hpp"
#include "schema/token_bucket.hpp"

#include <cstdint>
#include <string_view>

namespace plenary::sip_layer {

/// Hash of an address, for tables by source.
struct ip_hash {
  std::size_t operator()(const ip_address& address) const noexcept;
};

/// An INVITE that does not become a call.
struct refused_invite {
  std::string_view source; ///< address and port
  std::string_view number; ///< called; as received
  int status = 0;          ///< of the answer; 0: none was sent
  std::string_view reason; ///< name from a closed set, the metric's label
  std::string_view detail; ///< reason phrase, and what the call says of it
  std::string_view call{}; ///< its id, when it had become a call
};

/// One warning for each refused INVITE, `sip_invite_refused`, which says what to do. A source that goes on
/// writes no more than one line in 10 s after its first three, all sources together 5 a second; the next line
/// says how many were held back.
class refusal_log {
public:
  using time_point = token_bucket::time_point;

  refusal_log(logger& log, time_point now);

  void write(const ip_address& source, const refused_invite& invite, time_point now);

private:
  logger& log_;
  token_buckets<ip_address, ip_hash> by_source_;
  token_bucket all_;
  std::int64_t held_back_ = 0;
};

/// The name of a counter of refused INVITEs, as the metric's label has it.
std::string_view reason_of(counter counted);

/// What an operator does about this reason; one sentence.
std::string_view advice_for(std::string_view reason);

} // namespace plenary::sip_layer
