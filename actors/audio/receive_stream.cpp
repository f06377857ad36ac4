#include "actors/audio/receive_stream.hpp"

#include "actors/audio/jitter_buffer.hpp"
#include "actors/audio/sound_renderer.hpp"
#include "actors/audio/time_scaler.hpp"

#include <algorithm>
#include <cstdlib>

namespace plenary::audio {

namespace {

using std::chrono::milliseconds;

// Opus payloads of up to two bytes carry no sound.
constexpr std::size_t dtx_bytes = 2;
// Speech is scaled this often at most, so that no voice sounds hurried; sooner when the delay is far off.
constexpr int ticks_between_scalings = 3;
constexpr sample_count far_off = samples_in(milliseconds(40));
// After this long without a good place to cut, any place must do.
constexpr int patience_ticks = 50;
constexpr sample_count most_stretch = samples_in(milliseconds(10));
constexpr auto longest_period = sample_count{720};
// Comfort noise of other clocks than 8 kHz has other payload types, which we do not agree to.
constexpr std::uint32_t noise_clock_rate = 8000;

} // namespace

struct receive_stream::state {
  state(std::shared_ptr<packet_ring> packets, const jitter_limits& limits)
      : ring(std::move(packets))
      , buffer(limits) {}

  void drain();
  void take_in(const packet_ring::view& packet);
  void abandon();
  std::optional<std::uint8_t> noise_in(std::span<const piece> planned) const;
  preview announce(std::span<const piece> pieces);
  void scale(sample_count excess);

  std::shared_ptr<packet_ring> ring;
  jitter_buffer buffer;
  sound_renderer renderer;
  std::array<codec_slot, 128> slots{}; ///< by payload type
  std::span<const piece> pieces;
  bool pending = false; ///< advance() planned, decode() did not come yet
  preview latest;       ///< of the latest packet, for ticks that play the rest of a long one
  int ticks_since_scaling = 0;
  std::uint64_t stretched = 0;
  std::uint64_t compressed = 0;
};

result<std::unique_ptr<receive_stream>> receive_stream::make(std::shared_ptr<packet_ring> ring,
                                                             const std::vector<receivable_payload>& payloads,
                                                             const jitter_limits& limits) {
  PLENARY_ASSERT(ring != nullptr);
  auto made = std::make_unique<state>(std::move(ring), limits);
  for (const auto& payload : payloads) {
    if (payload.comfort_noise) {
      made->slots[payload.payload_type & 0x7f].comfort_noise = true;
      continue;
    }
    auto added = made->renderer.add(payload.codec);
    if (!added)
      return tl::unexpected(std::move(added).error());
    made->slots[payload.payload_type & 0x7f] = {*added, payload.codec, false};
  }
  return std::unique_ptr<receive_stream>(new receive_stream(std::move(made)));
}

receive_stream::receive_stream(std::unique_ptr<state> made)
    : state_(std::move(made)) {}

receive_stream::~receive_stream() = default;

preview receive_stream::advance(mono_time due) {
  if (resting_ && !resting_->anything_new())
    return {};
  resting_.reset();
  auto& stream = *state_;
  if (stream.pending)
    stream.abandon();
  stream.drain();
  if (stream.buffer.idle() && stream.renderer.is_quiet()) {
    resting_ = stream.ring->watch();
    return {};
  }
  stream.pieces = stream.buffer.plan(due, static_cast<sample_count>(stream.renderer.queue().size()));
  stream.pending = true;
  return stream.announce(stream.pieces);
}

void receive_stream::decode(frame& out) {
  auto& stream = *state_;
  if (!stream.pending) {
    out.fill(0);
    return;
  }
  stream.pending = false;
  for (const auto& next : stream.pieces)
    stream.renderer.append(next, stream.buffer.packets());
  stream.buffer.finish();
  stream.scale(stream.buffer.excess_delay());
  stream.renderer.take(out);
}

void receive_stream::flush() {
  auto& stream = *state_;
  resting_.reset();
  stream.pending = false;
  while (stream.ring->front())
    stream.ring->pop();
  stream.buffer.flush();
  stream.renderer.flush();
}

receive_statistics receive_stream::statistics() const {
  auto statistics = state_->buffer.statistics();
  statistics.concealed = state_->renderer.concealed();
  statistics.recovered = state_->renderer.recovered();
  statistics.stretched_samples = state_->stretched;
  statistics.compressed_samples = state_->compressed;
  return statistics;
}

void receive_stream::state::drain() {
  while (const auto packet = ring->front()) {
    take_in(*packet);
    ring->pop();
  }
}

void receive_stream::state::take_in(const packet_ring::view& packet) {
  const auto& slot = slots[packet.info.payload_type & 0x7f];
  arrived_packet arrived;
  arrived.info = packet.info;
  arrived.payload = packet.payload;
  if (slot.known()) {
    arrived.codec = slot.index;
    arrived.clock_rate = rtp_clock_rate(slot.kind);
    arrived.redundant = renderer.carries_redundancy(slot.index, packet.payload);
    arrived.quiet = slot.kind == codec_kind::opus && packet.payload.size() <= dtx_bytes;
    arrived.duration = static_cast<std::uint32_t>(renderer.duration(slot.index, packet.payload));
    arrived.voice = renderer.voice(slot.index, packet.payload);
  } else if (slot.comfort_noise && !packet.payload.empty()) {
    arrived.payload = {};
    arrived.clock_rate = noise_clock_rate;
    arrived.duration = frame_samples;
    arrived.quiet = true;
    arrived.noise = packet.payload.front() & 0x7fU;
  } else { // DTMF: it only explains the gap in the sequence numbers
    arrived.payload = {};
    arrived.clock_rate = buffer.clock_rate();
  }
  buffer.insert(arrived);
}

void receive_stream::state::abandon() {
  pending = false;
  for (const auto& passed : pieces)
    renderer.pass_by(passed, buffer.packets());
  buffer.abandon(static_cast<sample_count>(renderer.queue().size()));
  renderer.abandon();
}

/// Comfort noise that a tick without packets plays: its level in -dBov.
std::optional<std::uint8_t> receive_stream::state::noise_in(std::span<const piece> planned) const {
  auto noise = renderer.noise();
  for (const auto& next : planned)
    if (next.what == piece::kind::packet)
      return std::nullopt;
    else if (next.what == piece::kind::silence)
      noise = buffer.packets().at(next.packet).noise;
  return noise && *noise <= comfort_noise::quietest ? noise : std::nullopt;
}

preview receive_stream::state::announce(std::span<const piece> planned) {
  preview seen;
  bool packet_seen = false;
  if (const auto noise = noise_in(planned)) {
    seen.audio = true;
    seen.level = noise;
    seen.voice = false;
    return seen;
  }
  for (const auto& next : planned) {
    seen.audio |= next.what != piece::kind::silence;
    seen.concealed |= next.what == piece::kind::recovered || next.what == piece::kind::concealed;
    if (next.what != piece::kind::packet || packet_seen)
      continue;
    const auto& packet = buffer.packets().at(next.packet);
    // What a key's tone leaves of a packet is not as loud as its sender says.
    latest.level = packet.tone.any() ? std::nullopt : packet.level;
    latest.payload_bytes = packet.size;
    latest.voice = packet.voice;
    packet_seen = true;
  }
  if (!seen.audio && !renderer.is_quiet()) {
    seen.audio = true;
    // Nothing follows what was heard: the end is faded out.
    seen.concealed = renderer.queue().empty();
  }
  seen.followed = buffer.holds_more();
  seen.stale = renderer.is_stale() && !buffer.begins();
  if (seen.audio) {
    seen.level = latest.level;
    seen.payload_bytes = latest.payload_bytes;
    seen.voice = latest.voice;
  }
  return seen;
}

void receive_stream::state::scale(sample_count excess) {
  auto& queue = renderer.queue();
  const auto size = static_cast<sample_count>(queue.size());
  constexpr auto tick = static_cast<sample_count>(frame_samples);
  ++ticks_since_scaling;
  const auto soon = std::abs(excess) > far_off;
  if (excess == 0 || (!soon && ticks_since_scaling < ticks_between_scalings))
    return;
  const auto urgent = soon || ticks_since_scaling > patience_ticks;
  sample_count changed = 0;
  if (excess > 0 && size >= tick + longest_period) {
    changed = shorten(queue, std::min(excess, size - tick), urgent);
    compressed += static_cast<std::uint64_t>(changed);
  } else if (excess < 0 && size >= tick) {
    changed = lengthen(queue, std::min(-excess, most_stretch), urgent);
    stretched += static_cast<std::uint64_t>(changed);
  }
  if (changed > 0)
    ticks_since_scaling = 0;
}

} // namespace plenary::audio
