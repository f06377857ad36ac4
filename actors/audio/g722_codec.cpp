#include "actors/audio/codec_factories.hpp"
#include "actors/audio/loss_concealer.hpp"
#include "actors/audio/resampler.hpp"
#include "actors/audio/telephone_codecs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::audio {

namespace {

constexpr int g722_rate = 16000;
constexpr int bit_rate = 64000;
constexpr std::size_t g722_ratio = sample_rate / g722_rate;
constexpr std::size_t g722_frame = frame_samples / g722_ratio;
constexpr std::size_t samples_per_byte = 2;
constexpr std::size_t frame_bytes = g722_frame / samples_per_byte;
constexpr std::size_t g722_max_payload = decoder::max_samples / g722_ratio / samples_per_byte; // 120 ms

class g722_encoder final : public encoder {
public:
  explicit g722_encoder(frame_downsampler made)
      : downsampler_(std::move(made)) {
    g722_encode_init(&state_, bit_rate, 0);
  }

  std::size_t encode_packet(std::span<const frame> pcm, std::span<std::uint8_t> payload) override {
    PLENARY_ASSERT(payload.size() >= pcm.size() * frame_bytes);
    std::size_t size = 0;
    for (const auto& each : pcm) {
      std::array<std::int16_t, g722_frame> wide;
      downsampler_.process(each, wide);
      size += static_cast<std::size_t>(g722_encode(&state_, payload.data() + size, wide.data(), g722_frame));
    }
    return size;
  }

  void copy_state_from(const encoder& other) override {
    const auto* source = dynamic_cast<const g722_encoder*>(&other);
    PLENARY_ASSERT(source != nullptr);
    downsampler_.copy_state_from(source->downsampler_);
    state_ = source->state_;
  }

  void reset() override {
    downsampler_.reset();
    g722_encode_init(&state_, bit_rate, 0);
  }

private:
  frame_downsampler downsampler_;
  g722_encode_state_t state_{};
};

class g722_decoder final : public decoder {
public:
  explicit g722_decoder(resampler made)
      : upsampler_(std::move(made)) {
    g722_decode_init(&state_, bit_rate, 0);
  }

  result<std::size_t> duration(std::span<const std::uint8_t> payload) const override {
    if (payload.empty() || payload.size() > g722_max_payload)
      return fail(errc::malformed,
                  fmt::format("G.722 payload of {} bytes, 1 to {}", payload.size(), g722_max_payload));
    return payload.size() * samples_per_byte * g722_ratio;
  }

  result<std::size_t> decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) override {
    auto samples = duration(payload);
    if (!samples)
      return samples;
    if (*samples > pcm.size())
      return fail(errc::malformed, fmt::format("G.722 payload of {} bytes does not fit", payload.size()));
    std::array<std::int16_t, g722_max_payload * samples_per_byte> store;
    const auto wide = std::span(store).first(payload.size() * samples_per_byte);
    g722_decode(&state_, wide.data(), payload.data(), static_cast<int>(payload.size()));
    concealer_.received(wide);
    concealing_ = false;
    const auto newest = wide.last(std::min(wide.size(), latest_.size()));
    std::shift_left(latest_.begin(), latest_.end(), std::ssize(newest));
    std::copy(newest.begin(), newest.end(), latest_.end() - std::ssize(newest));
    upsampler_.process(wide, pcm.first(*samples));
    return samples;
  }

  bool recover(std::span<const std::uint8_t>, std::span<std::int16_t>) override { return false; }

  void conceal(std::span<std::int16_t> pcm) override {
    std::array<std::int16_t, g722_max_payload> store;
    while (pcm.size() >= g722_ratio) {
      const auto wide = std::span(store).first(std::min(store.size(), pcm.size() / g722_ratio));
      concealer_.fill(wide);
      follow(wide);
      upsampler_.process(wide, pcm.first(wide.size() * g722_ratio));
      pcm = pcm.subspan(wide.size() * g722_ratio);
    }
    std::fill(pcm.begin(), pcm.end(), std::int16_t{0});
  }

  void reset() override {
    g722_decode_init(&state_, bit_rate, 0);
    concealing_ = false;
    latest_.fill(0);
    concealer_.reset();
    upsampler_.reset();
  }

private:
  /// The predictors go on with the concealed sound, as the sender's have gone on with the lost one: what it
  /// is encoded to from the same state is decoded, and the sound of that is not used.
  void follow(std::span<const std::int16_t> wide) {
    std::array<std::uint8_t, g722_max_payload> bytes;
    std::array<std::int16_t, g722_max_payload * samples_per_byte> unheard;
    if (!concealing_) {
      g722_encode_init(&shadow_, bit_rate, 0);
      g722_encode(&shadow_, bytes.data(), latest_.data(),
                  static_cast<int>(latest_.size())); // fills its filter
      std::copy(std::begin(state_.band), std::end(state_.band), std::begin(shadow_.band));
      concealing_ = true;
    }
    const auto size = g722_encode(&shadow_, bytes.data(), wide.data(), static_cast<int>(wide.size()));
    g722_decode(&state_, unheard.data(), bytes.data(), size);
  }

  g722_decode_state_t state_{};
  g722_encode_state_t shadow_{};
  bool concealing_ = false;
  std::array<std::int16_t, 48> latest_{}; ///< decoded, at 16 kHz; twice the length of the filter
  resampler upsampler_;
  loss_concealer concealer_{g722_rate};
};

} // namespace

result<std::unique_ptr<encoder>> make_g722_encoder() {
  auto made = frame_downsampler::make(g722_rate);
  if (!made)
    return tl::unexpected(std::move(made).error());
  return std::make_unique<g722_encoder>(std::move(*made));
}

result<std::unique_ptr<decoder>> make_g722_decoder() {
  auto made = resampler::make(g722_rate, sample_rate);
  if (!made)
    return tl::unexpected(std::move(made).error());
  return std::make_unique<g722_decoder>(std::move(*made));
}

} // namespace plenary::audio
