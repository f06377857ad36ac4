// Digits (RFC 4733) out of packets in any order, with any content, at any time.
#include "actors/leg/telephone_event.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>
#include <set>

namespace plenary::fuzz::telephone_event_target {

namespace {

constexpr std::string_view digits = "0123456789*#ABCD";
constexpr std::array<std::uint32_t, 4> clock_rates{8000, 16000, 48000, 1};

struct hearing {
  explicit hearing(std::uint32_t rate)
      : clock_rate(rate)
      , receiver(rate) {}

  void note(const std::optional<digit_pressed>& digit) {
    if (!digit)
      return;
    ++told;
    FUZZ_CHECK(digits.find(digit->digit) != std::string_view::npos);
    FUZZ_CHECK(digit->duration >= std::chrono::milliseconds{0});
    FUZZ_CHECK(digit->duration <= std::chrono::milliseconds{std::uint64_t{65535} * 1000 / clock_rate});
    // A digit is one timestamp: whatever is repeated, it is told once.
    FUZZ_CHECK(told <= timestamps.size());
  }

  std::uint32_t clock_rate;
  telephone_event_receiver receiver;
  std::set<std::uint32_t> timestamps;
  std::size_t told = 0;
};

void run_telephone_event(bytes input) {
  byte_source from{input};
  hearing here{clock_rates[from.below(clock_rates.size())]};
  mono_time now{std::chrono::hours{1}};
  std::uint32_t timestamp = from.u32();
  std::size_t packets = 0;
  while (!from.empty()) {
    now += std::chrono::milliseconds{from.below(400)};
    switch (from.below(4)) {
    case 0:
      here.note(here.receiver.expire(now));
      break;
    case 1: // a new event, earlier or later
      timestamp += from.flag() ? from.u16() : 0U - from.u16();
      [[fallthrough]];
    default:
      ++packets;
      here.timestamps.insert(timestamp);
      here.note(here.receiver.receive(from.take(from.below(7)), timestamp, now));
    }
  }
  now += telephone_event_receiver::lost_end_timeout;
  here.note(here.receiver.expire(now));
  const auto after = here.told;
  here.note(here.receiver.expire(now + std::chrono::hours{1}));
  FUZZ_CHECK(here.told == after);
  FUZZ_CHECK(here.told <= packets);
}

FUZZ_TARGET(.name = "telephone_event", .run = run_telephone_event,
            .limit = {.allocated = 4096, .allocated_per_byte = 128});

} // namespace

} // namespace plenary::fuzz::telephone_event_target
