// Whose packets a leg takes: random offers, ends and packets of a few sources, in random order, at random
// times.
#include "actors/leg/stream_ownership.hpp"
#include "tests/fuzz/targets.hpp"

#include <map>

namespace plenary::fuzz::media_source_target {

namespace {

audio::endpoint source_of(std::size_t number) {
  auto where = audio::make_endpoint(number % 2 == 0 ? "192.0.2.1" : "198.51.100.7",
                                    static_cast<std::uint16_t>(4000 + number / 2));
  return *where;
}

media_claim claim_from(byte_source& from) {
  media_claim claim;
  claim.media = source_of(from.below(6));
  claim.signalling = source_of(from.below(6));
  claim.proves = from.below(4) == 0;
  return claim;
}

/// Shows a packet to the port as the receive thread does; every SRTP packet counts as authentic.
void show(stream_ownership& port, const std::map<std::uint64_t, media_claim>& legs,
          const stream_ownership::packet& seen, mono_time now) {
  const auto claimants = port.who(seen, now);
  for (auto id : claimants.all()) {
    FUZZ_CHECK(legs.contains(id));
    if (port.take(id, seen, now) == stream_ownership::verdict::refused)
      continue;
    // Who is accepted is where media goes, and nobody else's.
    FUZZ_CHECK(port.source_of(id) == seen.from);
    FUZZ_CHECK(port.owner_of(seen.from) == id);
    for (const auto& [other, claim] : legs)
      FUZZ_CHECK(other == id || port.source_of(other) != seen.from);
    return;
  }
}

void run_media_source(bytes input) {
  byte_source from{input};
  mono_time now{std::chrono::hours{1}};
  stream_ownership port;
  std::map<std::uint64_t, media_claim> legs;
  while (!from.empty()) {
    now += std::chrono::milliseconds{from.below(3000)};
    const std::uint64_t leg = 1 + from.below(3);
    switch (from.below(8)) {
    case 0:
      legs[leg] = claim_from(from);
      port.add(leg, legs[leg], now);
      break;
    case 1:
      legs.erase(leg);
      port.remove(leg, now);
      break;
    default:
      show(port, legs,
           {source_of(from.below(6)), static_cast<std::uint32_t>(from.below(3)),
            static_cast<std::uint16_t>(from.below(8))},
           now);
    }
    FUZZ_CHECK(port.size() == legs.size());
  }
}

FUZZ_TARGET(.name = "media_source", .run = run_media_source);

} // namespace

} // namespace plenary::fuzz::media_source_target
