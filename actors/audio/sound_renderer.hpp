#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/comfort_noise.hpp"
#include "actors/audio/jitter_buffer.hpp"
#include "actors/audio/sample_fifo.hpp"
#include "actors/audio/tone_clamp.hpp"

#include <array>
#include <memory>
#include <optional>
#include <vector>

namespace plenary::audio {

/// Which decoder a payload type uses.
struct codec_slot {
  static constexpr std::uint8_t none = 0xff;
  std::uint8_t index = none;
  codec_kind kind = codec_kind::opus;
  bool comfort_noise = false; ///< no decoder: its packets tell the level of a silent sender's background

  bool known() const { return index != none; }
};

/// Turns the jitter buffer's pieces into sound without clicks: decodes, rebuilds, conceals, and fades where
/// sound begins, ends or was cut. Only add() allocates.
class sound_renderer {
public:
  /// Makes sure that there is a decoder and returns its index. Fails with `internal`.
  result<std::uint8_t> add(codec_kind kind);

  /// Samples that a payload lasts; 0 when it is malformed.
  std::size_t duration(std::uint8_t index, std::span<const std::uint8_t> payload) const;

  /// What the sender's encoder says of a payload; see decoder::voice().
  std::optional<bool> voice(std::uint8_t index, std::span<const std::uint8_t> payload) const;

  /// Whether a payload holds the frame before it too; see decoder::carries_redundancy().
  bool carries_redundancy(std::uint8_t index, std::span<const std::uint8_t> payload) const {
    return codecs_[index].decoding->carries_redundancy(payload);
  }

  /// Appends one piece to the queue.
  void append(const piece& next, const packet_store& packets);

  /// Fills a tick from the queue; what lacks is silence, after a short fade.
  void take(frame& out);

  /// A piece was planned that nobody wants to hear: what it says of comfort noise counts.
  void pass_by(const piece& next, const packet_store& packets);

  /// A tick passed that nobody decoded.
  void abandon();

  /// Forgets what is queued.
  void flush();

  sample_fifo& queue() { return queue_; }
  /// True when a tick without pieces is plain silence.
  bool is_quiet() const { return silent_ && queue_.empty() && !noise_.level(); }
  /// Level of the comfort noise that fills silence now, -dBov; nothing when there is none.
  std::optional<std::uint8_t> noise() const { return noise_.level(); }
  /// True when a decoder with a memory would have to begin in mid-stream.
  bool is_stale() const;
  std::uint64_t concealed() const { return concealed_; }
  std::uint64_t recovered() const { return recovered_; }

private:
  struct codec {
    codec_kind kind;
    std::unique_ptr<decoder> decoding;
  };

  void append_packet(const piece& next, const packet_store& packets);
  void append_recovered(const piece& next, const packet_store& packets);
  void append_concealed(const piece& next);
  void append_silence(std::size_t samples);
  void keep_level(std::span<std::int16_t> concealed, bool rising);
  void let_down(std::span<std::int16_t> pcm);
  bool select(std::uint8_t index, bool joint, std::span<std::int16_t> before);

  std::vector<codec> codecs_;
  sample_fifo queue_;
  comfort_noise noise_;
  tone_clamp clamp_;
  std::array<std::uint8_t, packet_store::max_payload> scratch_{};
  std::uint8_t current_ = 0;
  float level_ = 0;           ///< RMS of the latest decoded sound, for concealment
  float tail_gain_ = 1;       ///< of concealment's fade at the queue's end
  float lift_ = 1;            ///< gain at the end of the latest concealment
  bool silent_ = true;        ///< the queue's end, or what was heard last, is silence
  std::size_t undecoded_ = 0; ///< samples since the latest packet was decoded
  std::uint64_t concealed_ = 0;
  std::uint64_t recovered_ = 0;
};

} // namespace plenary::audio
