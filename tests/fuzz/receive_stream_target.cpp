// The receiving half of a leg with real decoders: any payload of any codec, decoded or left, at any time.
#include "actors/audio/receive_stream.hpp"
#include "tests/fuzz/targets.hpp"

#include <array>

namespace plenary::fuzz::receive_stream_target {

namespace {

using namespace std::chrono_literals;

constexpr std::array<std::uint8_t, 5> payload_types{96, 9, 0, 8, 101};

struct heard_leg {
  explicit heard_leg(byte_source& input)
      : from(input)
      , ring(std::make_shared<audio::packet_ring>())
      , stream(*audio::receive_stream::make(ring,
                                            {{96, audio::codec_kind::opus},
                                             {9, audio::codec_kind::g722},
                                             {0, audio::codec_kind::pcmu},
                                             {8, audio::codec_kind::pcma}},
                                            {})) {}

  void receive() {
    audio::packet_info info;
    info.payload_type = payload_types[from.below(payload_types.size())];
    info.sequence_number = sequence = static_cast<std::uint16_t>(sequence + 1 + from.below(64) / 62);
    info.timestamp = timestamp += from.below(32) == 0 ? from.u32() : 960;
    info.arrival = now + std::chrono::milliseconds{from.below(40)};
    const auto payload = from.take(from.below(8) == 0 ? from.below(1500) : from.below(80));
    ring->push(info, payload);
    ++sent;
  }

  void tick() {
    now += 20ms;
    const auto preview = stream->advance(now);
    FUZZ_CHECK(!preview.level || *preview.level < 128);
    if (from.flag())
      return;
    audio::frame out;
    out.fill(1);
    stream->decode(out);
    // Every sample was written: a frame of ones is not what decoders or silence give.
    FUZZ_CHECK(out != untouched());
    FUZZ_CHECK(stream->statistics().received <= sent);
  }

  static audio::frame untouched() {
    audio::frame ones;
    ones.fill(1);
    return ones;
  }

  byte_source& from;
  std::shared_ptr<audio::packet_ring> ring;
  std::unique_ptr<audio::receive_stream> stream;
  mono_time now{std::chrono::hours{1}};
  std::uint16_t sequence = 65533;
  std::uint32_t timestamp = 0;
  std::uint64_t sent = 0;
};

void run_receive_stream(bytes input) {
  byte_source from{input};
  heard_leg leg{from};
  for (int steps = 0; steps < 200 && !from.empty(); ++steps) {
    const auto choice = from.byte();
    if (choice < 128)
      leg.receive();
    else if (choice < 254)
      leg.tick();
    else
      leg.stream->flush();
  }
}

FUZZ_TARGET(.name = "receive_stream", .run = run_receive_stream,
            .limit = {.processor = std::chrono::milliseconds{1500}, .allocated = 1024 * 1024});

} // namespace

} // namespace plenary::fuzz::receive_stream_target
