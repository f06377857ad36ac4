// Packet ring and jitter buffer by random operations: packets of any sequence, time and size on one side,
// ticks on the other.
#include "actors/audio/jitter_buffer.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <deque>

namespace plenary::fuzz::jitter_buffer_target {

namespace {

using namespace std::chrono_literals;
using audio::frame_samples;
using audio::piece;
using audio::sample_count;

constexpr std::array<std::uint32_t, 7> durations{960, 0, 120, 480, 1920, 2880, 5760};
constexpr std::size_t ring_bytes = 4096;

struct sent {
  audio::packet_info info;
  std::vector<std::uint8_t> payload;
};

class line {
public:
  explicit line(byte_source& from)
      : from_(from)
      , ring_(ring_bytes)
      , buffer_({.min_delay = 20ms * static_cast<int>(1 + from.below(4)), .max_delay = 200ms}) {}

  void push() {
    sent next;
    next.info = next_info();
    const auto content = from_.byte();
    next.payload.assign(from_.below(8) == 0 ? from_.below(1800) : from_.below(161), content);
    const auto overflows = ring_.overflows();
    if (ring_.push(next.info, next.payload))
      waiting_.push_back(std::move(next));
    else
      FUZZ_CHECK(ring_.overflows() == overflows + 1 && !waiting_.empty());
  }

  /// What comes out of the ring is what went in, in order.
  void drain() {
    auto lookout = ring_.watch();
    FUZZ_CHECK(lookout.anything_new() == !waiting_.empty());
    for (auto seen = ring_.front(); seen; seen = ring_.front()) {
      FUZZ_CHECK(!waiting_.empty());
      const auto& expected = waiting_.front();
      FUZZ_CHECK(seen->info.sequence_number == expected.info.sequence_number &&
                 seen->info.ssrc == expected.info.ssrc);
      FUZZ_CHECK(std::equal(seen->payload.begin(), seen->payload.end(), expected.payload.begin(),
                            expected.payload.end()));
      insert(*seen);
      ring_.pop();
      waiting_.pop_front();
    }
    FUZZ_CHECK(waiting_.empty() && !ring_.watch().anything_new());
  }

  void tick() {
    now_ += 20ms;
    if (from_.below(8) == 0)
      now_ += std::chrono::milliseconds{from_.below(300)};
    const auto planned = buffer_.plan(now_, queued_);
    sample_count samples = 0;
    for (const auto& next : planned) {
      check(next);
      samples += next.samples;
    }
    FUZZ_CHECK(queued_ + samples < static_cast<sample_count>(frame_samples) + 720 + 5760);
    const auto stored = buffer_.packets().size();
    if (from_.flag()) {
      buffer_.finish();
      queued_ = std::max<sample_count>(queued_ + samples - static_cast<sample_count>(frame_samples), 0);
    } else {
      buffer_.abandon(queued_);
      queued_ = std::max<sample_count>(queued_ - static_cast<sample_count>(frame_samples), 0);
    }
    FUZZ_CHECK(buffer_.packets().size() <= stored);
  }

  void flush() {
    buffer_.flush();
    queued_ = 0;
    FUZZ_CHECK(buffer_.idle() && buffer_.packets().empty());
  }

private:
  audio::packet_info next_info() {
    // Mostly the next packet of the stream, now and then anything.
    const auto choice = from_.byte();
    ++sequence_;
    timestamp_ += 960;
    if (choice < 16)
      sequence_ = static_cast<std::uint16_t>(sequence_ + from_.below(64) - 32);
    else if (choice < 24)
      sequence_ = from_.u16();
    if (choice >= 16 && choice < 40)
      timestamp_ += from_.u16();
    else if (choice >= 40 && choice < 48)
      timestamp_ = from_.u32();
    if (choice >= 48 && choice < 52)
      ssrc_ = static_cast<std::uint32_t>(from_.below(3));
    audio::packet_info info;
    info.arrival = now_ + std::chrono::milliseconds{choice % 20};
    info.timestamp = timestamp_;
    info.sequence_number = sequence_;
    info.ssrc = ssrc_;
    return info;
  }

  void insert(const audio::packet_ring::view& seen) {
    audio::arrived_packet arrived;
    arrived.info = seen.info;
    arrived.payload = seen.payload;
    arrived.duration = durations[std::min<std::size_t>(from_.below(64), durations.size()) % durations.size()];
    arrived.clock_rate = from_.below(16) == 0 ? 8000 : 48000;
    arrived.quiet = from_.below(8) == 0;
    arrived.redundant = from_.flag();
    const auto before = buffer_.statistics();
    const auto stored = buffer_.packets().size();
    buffer_.insert(arrived);
    const auto& after = buffer_.statistics();
    FUZZ_CHECK(after.received - before.received <= 1 && after.late - before.late <= 1);
    FUZZ_CHECK(after.duplicate - before.duplicate <= 1);
    FUZZ_CHECK(buffer_.packets().size() <= stored + 1);
    // What cannot be stored takes nothing away.
    FUZZ_CHECK(seen.payload.size() <= audio::packet_store::max_payload || buffer_.packets().size() == stored);
    for (std::size_t i = 1; i < buffer_.packets().size(); ++i)
      FUZZ_CHECK(buffer_.packets().at(i - 1).sequence < buffer_.packets().at(i).sequence);
  }

  void check(const piece& next) const {
    FUZZ_CHECK(next.samples > 0);
    FUZZ_CHECK(next.samples <= 5760);
    if (next.what != piece::kind::packet && next.what != piece::kind::recovered)
      return;
    const auto& packets = buffer_.packets();
    FUZZ_CHECK(next.packet < packets.size());
    const auto& packet = packets.at(next.packet);
    if (next.what == piece::kind::packet)
      FUZZ_CHECK(next.skip + next.samples == packet.duration);
    std::array<std::uint8_t, audio::packet_store::max_payload> scratch{};
    const auto payload = packets.payload(next.packet, scratch);
    FUZZ_CHECK(payload.size() == packet.size);
    FUZZ_CHECK(std::all_of(payload.begin(), payload.end(), [&](auto byte) { return byte == payload[0]; }));
  }

  byte_source& from_;
  audio::packet_ring ring_;
  audio::jitter_buffer buffer_;
  std::deque<sent> waiting_;
  mono_time now_{std::chrono::hours{1}};
  sample_count queued_ = 0;
  std::uint16_t sequence_ = 65530;
  std::uint32_t timestamp_ = 0xFFFFF000U;
  std::uint32_t ssrc_ = 0;
};

void run_jitter_buffer(bytes input) {
  byte_source from{input};
  line between{from};
  while (!from.empty()) {
    const auto choice = from.byte();
    if (choice < 128)
      between.push();
    else if (choice < 250)
      between.tick();
    else if (choice < 252)
      between.flush();
    if (choice % 4 != 0)
      between.drain();
  }
}

FUZZ_TARGET(.name = "jitter_buffer", .run = run_jitter_buffer, .limit = {.allocated_per_byte = 4096});

} // namespace

} // namespace plenary::fuzz::jitter_buffer_target
