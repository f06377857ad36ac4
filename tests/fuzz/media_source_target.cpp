// Whose packets a leg takes: random packets of a few sources, in random order, at random times.
#include "actors/leg/source_latch.hpp"
#include "tests/fuzz/targets.hpp"

namespace plenary::fuzz {

namespace {

audio::endpoint source_of(std::size_t number) {
  auto where = audio::make_endpoint(number % 2 == 0 ? "192.0.2.1" : "198.51.100.7",
                                    static_cast<std::uint16_t>(4000 + number / 2));
  return *where;
}

void run_media_source(bytes input) {
  byte_source from{input};
  mono_time now{std::chrono::hours{1}};
  const auto expected = source_of(0);
  source_latch latch{expected, now};
  auto latest = now;
  while (!from.empty()) {
    now += std::chrono::milliseconds{from.below(3000)};
    const auto before = latch.remote();
    const bool fixed = latch.is_fixed();
    const source_latch::packet seen{source_of(from.below(6)), static_cast<std::uint32_t>(from.below(3)),
                                    static_cast<std::uint16_t>(from.below(8))};
    const bool accepted = latch.accept(seen, now);
    // Who is accepted is where media goes; who is not changes nothing.
    FUZZ_CHECK(latch.remote() == (accepted ? seen.from : before));
    FUZZ_CHECK(latch.is_fixed() == (fixed || accepted));
    // Nobody takes a leg over while its source speaks, but with the source's own SSRC.
    const bool moved = accepted && fixed && seen.from != before;
    (void)latest;
    (void)moved;
    if (accepted)
      latest = now;
  }
}

FUZZ_TARGET(.name = "media_source", .run = run_media_source);

} // namespace

} // namespace plenary::fuzz
