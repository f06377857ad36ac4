#include "actors/audio/packet_ring.hpp"

#include "schema/result.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

namespace plenary::audio {

namespace {

/// What stands before each payload. A record never wraps: when it does not fit before the end, a filler takes
/// the rest and the record starts at the beginning.
struct record_header {
  std::uint32_t payload_size = 0;
  bool filler = false;
  packet_info info;
};

static_assert(std::is_trivially_copyable_v<record_header>);

constexpr std::size_t alignment = 8;
constexpr std::size_t cache_line = 64;

constexpr std::size_t round_up(std::size_t bytes) {
  return (bytes + alignment - 1) / alignment * alignment;
}

constexpr std::size_t header_bytes = round_up(sizeof(record_header));

} // namespace

struct packet_ring::state {
  explicit state(std::size_t capacity)
      : bytes(capacity) {}

  std::size_t index(std::uint64_t position) const { return position & (bytes.size() - 1); }
  std::size_t before_end(std::uint64_t position) const { return bytes.size() - index(position); }

  void write_header(std::uint64_t position, const record_header& header) {
    std::memcpy(bytes.data() + index(position), &header, sizeof header);
  }

  record_header read_header(std::uint64_t position) const {
    record_header header;
    std::memcpy(&header, bytes.data() + index(position), sizeof header);
    return header;
  }

  /// Where the record after `position` starts, skipping a rest at the end that holds none.
  std::uint64_t skip_filler(std::uint64_t position) const {
    const auto rest = before_end(position);
    if (rest < header_bytes || read_header(position).filler)
      return position + rest;
    return position;
  }

  std::vector<std::uint8_t> bytes; ///< size: a power of two
  alignas(cache_line) std::atomic<std::uint64_t> written{0};
  std::uint64_t read_seen = 0; ///< the producer's latest look at `read`
  std::atomic<std::uint64_t> overflows{0};
  alignas(cache_line) std::atomic<std::uint64_t> read{0};
  std::uint64_t written_seen = 0; ///< the consumer's latest look at `written`
};

packet_ring::packet_ring(std::size_t capacity_bytes)
    : state_(std::make_unique<state>(std::bit_ceil(std::max<std::size_t>(capacity_bytes, 256)))) {}

packet_ring::~packet_ring() = default;

bool packet_ring::push(const packet_info& info, std::span<const std::uint8_t> payload) {
  auto& ring = *state_;
  const auto capacity = ring.bytes.size();
  const auto position = ring.written.load(std::memory_order_relaxed);
  const auto rest = ring.before_end(position);
  // A payload longer than the ring is refused before its size is rounded up.
  const auto size = payload.size() > capacity ? capacity + 1 : header_bytes + round_up(payload.size());
  const auto skipped = size > rest ? rest : 0;
  if (ring.read_seen + capacity < position + skipped + size)
    ring.read_seen = ring.read.load(std::memory_order_acquire);
  if (ring.read_seen + capacity < position + skipped + size) {
    ring.overflows.fetch_add(1, std::memory_order_relaxed);
    return false;
  }
  if (skipped >= header_bytes)
    ring.write_header(position, {.payload_size = 0, .filler = true, .info = {}});
  const auto start = position + skipped;
  ring.write_header(start, {static_cast<std::uint32_t>(payload.size()), false, info});
  std::copy(payload.begin(), payload.end(),
            ring.bytes.begin() + static_cast<std::ptrdiff_t>(ring.index(start) + header_bytes));
  ring.written.store(start + size, std::memory_order_release);
  return true;
}

packet_ring::lookout packet_ring::watch() const {
  return {state_->written, state_->read.load(std::memory_order_relaxed)};
}

std::optional<packet_ring::view> packet_ring::front() {
  auto& ring = *state_;
  const auto position = ring.read.load(std::memory_order_relaxed);
  if (position == ring.written_seen) {
    ring.written_seen = ring.written.load(std::memory_order_acquire);
    if (position == ring.written_seen)
      return std::nullopt;
  }
  const auto start = ring.skip_filler(position);
  const auto header = ring.read_header(start);
  const auto payload = std::span<const std::uint8_t>(ring.bytes);
  return view{header.info, payload.subspan(ring.index(start) + header_bytes, header.payload_size)};
}

void packet_ring::pop() {
  auto& ring = *state_;
  const auto start = ring.skip_filler(ring.read.load(std::memory_order_relaxed));
  const auto size = header_bytes + round_up(ring.read_header(start).payload_size);
  ring.read.store(start + size, std::memory_order_release);
}

std::uint64_t packet_ring::overflows() const {
  return state_->overflows.load(std::memory_order_relaxed);
}

} // namespace plenary::audio
