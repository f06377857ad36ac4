#pragma once

#include "actors/audio/frame.hpp"
#include "schema/result.hpp"

#include <chrono>
#include <compare>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

namespace plenary::audio {

/// The codecs of a leg, in the order in which we prefer them.
enum class codec_kind : std::uint8_t { opus, g722, pcmu, pcma };

/// Name as in SDP's rtpmap (RFC 7587, RFC 3551): `opus`, `G722`, `PCMU`, `PCMA`.
std::string_view sdp_name(codec_kind kind);

/// RTP clock in Hz (RFC 7587: 48000; RFC 3551: 8000, for G.722 too although it samples at 16000).
std::uint32_t rtp_clock_rate(codec_kind kind);

/// Most bytes of one encoded 20 ms frame that we send.
inline constexpr std::size_t max_encoded_bytes = 1275;

/// What makes two listeners hear the same bytes: equal encodings share one encoder.
struct encoding {
  codec_kind codec = codec_kind::opus;
  int bitrate =
      24000; ///< bit/s; Opus only, 6000 to 128000, at least 36000 while FEC expects loss; 0 for the others
  int bandwidth_hz = 48000; ///< Opus only: 8000, 12000, 16000, 24000 or 48000 (RFC 7587 maxplaybackrate)
  bool fec = true;          ///< Opus only: in-band FEC
  int expected_loss = 0;    ///< Opus only: per cent, 0 to 30, in steps of 10 so that classes stay few
  bool dtx = true;          ///< Opus only: send nothing in silence
  std::chrono::milliseconds ptime{20}; ///< sound in one packet: 10, 20, 40 or 60 ms

  friend auto operator<=>(const encoding&, const encoding&) = default;
};

/// Frames that the longest packet holds.
inline constexpr std::size_t max_packet_frames = 3;

/// Packets that one tick may send of an encoding.
constexpr std::size_t packets_in_a_tick(const encoding& format) {
  return format.ptime < frame_duration ? 2 : 1;
}

/// Turns frames into payloads. Not thread safe. Nothing but the factory allocates.
class encoder {
public:
  virtual ~encoder() = default;

  /// Encodes one frame into `payload` (at least `max_encoded_bytes`). Returns its size; 0: nothing to send
  /// (DTX).
  std::size_t encode(const frame& pcm, std::span<std::uint8_t> payload) {
    return encode_packet(std::span(&pcm, 1), payload);
  }

  /// Encodes 1 to `max_packet_frames` frames into one payload; like encode().
  virtual std::size_t encode_packet(std::span<const frame> pcm, std::span<std::uint8_t> payload) = 0;

  /// Two payloads of 10 ms that stand one behind the other.
  struct halves {
    std::size_t first = 0; ///< bytes; 0: nothing to send
    std::size_t second = 0;
  };

  /// Encodes one frame as two payloads of 10 ms. Here for codecs of a constant rate, whose payloads can be
  /// cut.
  virtual halves encode_halves(const frame& pcm, std::span<std::uint8_t> payload) {
    const auto size = encode(pcm, payload);
    return {size / 2, size - size / 2};
  }

  /// Takes over the whole state of another encoder of the same encoding, so that the next payload continues
  /// that one's stream without a seam (Opus: the encoder is one flat block of memory).
  virtual void copy_state_from(const encoder& other) = 0;

  /// Back to the state of a new encoder.
  virtual void reset() = 0;
};

/// Turns payloads into sound at the mixing rate. Not thread safe. Nothing but the factory allocates.
class decoder {
public:
  /// Most samples of one payload at the mixing rate: 120 ms (RFC 6716 section 2.1.4).
  static constexpr std::size_t max_samples = 5760;

  virtual ~decoder() = default;

  /// Samples at the mixing rate that `payload` holds, without decoding; fails with `malformed`.
  virtual result<std::size_t> duration(std::span<const std::uint8_t> payload) const = 0;

  /// What the sender's encoder found in the payload, without decoding: a voice or none (Opus: the VAD flags,
  /// RFC 6716 section 4.2.3). Nothing when the codec does not tell.
  virtual std::optional<bool> voice(std::span<const std::uint8_t>) const { return std::nullopt; }

  /// True when `payload` carries the frame before it once more (Opus: the LBRR flag, RFC 6716 section 4.2.4).
  virtual bool carries_redundancy(std::span<const std::uint8_t>) const { return false; }

  /// Decodes one payload into `pcm` and returns the samples written; fails with `malformed`.
  virtual result<std::size_t> decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) = 0;

  /// Rebuilds the frame before `next` from its redundancy (Opus in-band FEC). False when it has none.
  virtual bool recover(std::span<const std::uint8_t> next, std::span<std::int16_t> pcm) = 0;

  /// Fills `pcm` with concealment; fades to silence when called again and again.
  virtual void conceal(std::span<std::int16_t> pcm) = 0;

  /// Forgets the past, for use after a gap that was not decoded.
  virtual void reset() = 0;
};

/// Makes an encoder; `complexity` is Opus's, 0 to 10. Fails with `internal` when the library does.
result<std::unique_ptr<encoder>> make_encoder(const encoding& format, int complexity);

/// Makes a decoder that delivers the mixing rate. Fails with `internal` when the library does.
result<std::unique_ptr<decoder>> make_decoder(codec_kind kind);

} // namespace plenary::audio
