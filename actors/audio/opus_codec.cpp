#include "actors/audio/codec_factories.hpp"

#include <fmt/format.h>
#include <opus/opus.h>

#include <algorithm>
#include <cstring>
#include <vector>

namespace plenary::audio {

namespace {

// Payloads of up to two bytes carry no sound: the encoder's DTX.
constexpr int opus_dtx_bytes = 2;
constexpr std::size_t shortest_frame = 120; // 2.5 ms at 48 kHz (RFC 6716 section 2.1.4)
constexpr std::size_t silk_frame = 960;     // 20 ms: one VAD flag each (RFC 6716 section 4.2.3)

// With redundancy inside, libopus 1.3.1 keeps the full band from here on; at 24 kbit/s it falls to 8 kHz
// (bench/sound).
constexpr int least_rate_with_fec = 36000;

int bitrate_of(const encoding& format) {
  const bool redundant = format.fec && format.expected_loss > 0;
  const bool wide = format.bandwidth_hz > 16000;
  return std::clamp(redundant && wide ? std::max(format.bitrate, least_rate_with_fec) : format.bitrate, 6000,
                    128000);
}

opus_int32 max_bandwidth(int hz) {
  if (hz <= 8000)
    return OPUS_BANDWIDTH_NARROWBAND;
  if (hz <= 12000)
    return OPUS_BANDWIDTH_MEDIUMBAND;
  if (hz <= 16000)
    return OPUS_BANDWIDTH_WIDEBAND;
  return hz <= 24000 ? OPUS_BANDWIDTH_SUPERWIDEBAND : OPUS_BANDWIDTH_FULLBAND;
}

class opus_encoder final : public encoder {
public:
  opus_encoder()
      : memory_(static_cast<std::size_t>(opus_encoder_get_size(1))) {}

  result<void> open(const encoding& format, int complexity) {
    auto code = opus_encoder_init(state(), sample_rate, 1, OPUS_APPLICATION_VOIP);
    const auto set = [&](auto... request) {
      if (code == OPUS_OK)
        code = opus_encoder_ctl(state(), request...);
    };
    set(OPUS_SET_BITRATE(bitrate_of(format)));
    set(OPUS_SET_VBR(1));
    set(OPUS_SET_COMPLEXITY(std::clamp(complexity, 0, 10)));
    set(OPUS_SET_INBAND_FEC(format.fec ? 1 : 0));
    set(OPUS_SET_PACKET_LOSS_PERC(std::clamp(format.expected_loss, 0, 30)));
    set(OPUS_SET_DTX(format.dtx ? 1 : 0));
    set(OPUS_SET_MAX_BANDWIDTH(max_bandwidth(format.bandwidth_hz)));
    if (code != OPUS_OK)
      return fail(errc::internal, fmt::format("opus encoder: {}", opus_strerror(code)));
    return {};
  }

  std::size_t encode_packet(std::span<const frame> pcm, std::span<std::uint8_t> payload) override {
    return run(pcm.front().data(), pcm.size() * frame_samples, payload);
  }

  halves encode_halves(const frame& pcm, std::span<std::uint8_t> payload) override {
    constexpr auto half = frame_samples / 2;
    halves sizes;
    sizes.first = run(pcm.data(), half, payload.first(payload.size() / 2));
    sizes.second = run(pcm.data() + half, half, payload.subspan(sizes.first));
    return sizes;
  }

  void copy_state_from(const encoder& other) override {
    const auto* source = dynamic_cast<const opus_encoder*>(&other);
    PLENARY_ASSERT(source != nullptr && source->memory_.size() == memory_.size());
    std::memcpy(memory_.data(), source->memory_.data(), memory_.size());
  }

  void reset() override { opus_encoder_ctl(state(), OPUS_RESET_STATE); }

private:
  std::size_t run(const std::int16_t* pcm, std::size_t samples, std::span<std::uint8_t> payload) {
    const auto room = static_cast<opus_int32>(std::min(payload.size(), max_encoded_bytes));
    const auto size = opus_encode(state(), pcm, static_cast<int>(samples), payload.data(), room);
    return size <= opus_dtx_bytes ? 0 : static_cast<std::size_t>(size);
  }

  OpusEncoder* state() { return reinterpret_cast<OpusEncoder*>(memory_.data()); }

  std::vector<std::byte> memory_;
};

/// What stands before the sound of a SILK or hybrid packet (RFC 6716 sections 4.2.3 and 4.2.4): each frame
/// begins with one VAD bit for each 20 ms and then the LBRR bit, for each channel.
struct silk_flags {
  bool voice = false;      ///< in any frame
  bool redundancy = false; ///< the packet carries the frame before it once more
};

/// Nothing for CELT, which has no such flags, and for broken packets.
std::optional<silk_flags> read_silk_flags(std::span<const std::uint8_t> packet) {
  constexpr std::uint8_t first_celt_toc = 0x80; // configurations 16 to 31 are CELT only
  if (packet.empty() || packet[0] >= first_celt_toc)
    return std::nullopt;
  const unsigned char* frames[48];
  opus_int16 sizes[48];
  const auto length = static_cast<opus_int32>(packet.size());
  const auto count = opus_packet_parse(packet.data(), length, nullptr, frames, sizes, nullptr);
  if (count <= 0 || sizes[0] == 0)
    return std::nullopt;
  const auto samples =
      static_cast<std::size_t>(opus_packet_get_samples_per_frame(packet.data(), sample_rate));
  const auto flags = std::max<std::size_t>(1, samples / silk_frame);
  const bool stereo = opus_packet_get_nb_channels(packet.data()) == 2;
  const unsigned redundancy = (0x80U >> flags) | (stereo ? 0x40U >> (2 * flags) : 0U);
  const unsigned channel = (0xff00U >> flags) & 0xffU; // the first `flags` bits of an octet
  const unsigned voice = channel | (stereo ? channel >> (flags + 1) : 0U);
  silk_flags found;
  found.redundancy = (frames[0][0] & redundancy) != 0;
  for (int i = 0; i < count; ++i)
    found.voice |= sizes[i] > 0 && (frames[i][0] & voice) != 0;
  return found;
}

/// A decoder as new, to be copied. libopus's own reset asks the processor for its features each time, which
/// costs 20 us where a virtual machine answers (bench/load). Empty when libopus fails.
const std::vector<std::byte>& new_decoder() {
  static const auto made = [] {
    std::vector<std::byte> memory(static_cast<std::size_t>(opus_decoder_get_size(1)));
    if (opus_decoder_init(reinterpret_cast<OpusDecoder*>(memory.data()), sample_rate, 1) != OPUS_OK)
      memory.clear();
    return memory;
  }();
  return made;
}

class opus_decoder final : public decoder {
public:
  /// `memory`: a copy of new_decoder().
  explicit opus_decoder(std::vector<std::byte> memory)
      : memory_(std::move(memory)) {}

  result<std::size_t> duration(std::span<const std::uint8_t> payload) const override {
    const auto length = static_cast<opus_int32>(payload.size());
    const auto samples =
        payload.empty() ? 0 : opus_packet_get_nb_samples(payload.data(), length, sample_rate);
    if (samples <= 0 || static_cast<std::size_t>(samples) > max_samples)
      return fail(errc::malformed,
                  fmt::format("Opus payload of {} bytes has no valid duration", payload.size()));
    return static_cast<std::size_t>(samples);
  }

  std::optional<bool> voice(std::span<const std::uint8_t> payload) const override {
    const auto flags = read_silk_flags(payload);
    return flags ? std::optional(flags->voice) : std::nullopt;
  }

  bool carries_redundancy(std::span<const std::uint8_t> payload) const override {
    const auto flags = read_silk_flags(payload);
    return flags && flags->redundancy;
  }

  result<std::size_t> decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) override {
    // libopus takes an empty packet for a lost one.
    const auto samples = payload.empty() ? OPUS_INVALID_PACKET : run(payload, pcm, false);
    if (samples < 0)
      return fail(errc::malformed,
                  fmt::format("Opus payload of {} bytes: {}", payload.size(), opus_strerror(samples)));
    return static_cast<std::size_t>(samples);
  }

  bool recover(std::span<const std::uint8_t> next, std::span<std::int16_t> pcm) override {
    if (pcm.empty() || pcm.size() % shortest_frame != 0)
      return false;
    if (!carries_redundancy(next))
      return false;
    return run(next, pcm, true) == static_cast<int>(pcm.size());
  }

  void conceal(std::span<std::int16_t> pcm) override {
    const auto whole = pcm.size() - pcm.size() % shortest_frame;
    conceal_exactly(pcm.first(whole));
    if (whole == pcm.size())
      return;
    std::array<std::int16_t, shortest_frame> last{};
    conceal_exactly(last);
    std::copy_n(last.begin(), pcm.size() - whole, pcm.begin() + static_cast<std::ptrdiff_t>(whole));
  }

  void reset() override { std::memcpy(memory_.data(), new_decoder().data(), memory_.size()); }

private:
  OpusDecoder* state() { return reinterpret_cast<OpusDecoder*>(memory_.data()); }

  int run(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm, bool redundancy) {
    return opus_decode(state(), payload.data(), static_cast<opus_int32>(payload.size()), pcm.data(),
                       static_cast<int>(pcm.size()), redundancy ? 1 : 0);
  }

  void conceal_exactly(std::span<std::int16_t> pcm) {
    while (!pcm.empty()) {
      const auto part = pcm.first(std::min(pcm.size(), max_samples));
      if (run({}, part, false) != static_cast<int>(part.size()))
        std::fill(part.begin(), part.end(), std::int16_t{0});
      pcm = pcm.subspan(part.size());
    }
  }

  std::vector<std::byte> memory_;
};

} // namespace

result<std::unique_ptr<encoder>> make_opus_encoder(const encoding& format, int complexity) {
  auto made = std::make_unique<opus_encoder>();
  if (auto opened = made->open(format, complexity); !opened)
    return tl::unexpected(std::move(opened).error());
  return made;
}

result<std::unique_ptr<decoder>> make_opus_decoder() {
  if (new_decoder().empty())
    return fail(errc::internal, "libopus makes no decoder");
  return std::make_unique<opus_decoder>(new_decoder());
}

} // namespace plenary::audio
