#include "actors/audio/codec_factories.hpp"
#include "actors/audio/loss_concealer.hpp"
#include "actors/audio/resampler.hpp"
#include "actors/audio/telephone_codecs.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace plenary::audio {

namespace {

constexpr int g711_rate = 8000;
constexpr std::size_t g711_ratio = sample_rate / g711_rate;
constexpr std::size_t g711_frame = frame_samples / g711_ratio;
constexpr std::size_t g711_max_payload = decoder::max_samples / g711_ratio; // 120 ms

class g711_encoder final : public encoder {
public:
  g711_encoder(codec_kind kind, frame_downsampler made)
      : kind_(kind)
      , downsampler_(std::move(made)) {}

  std::size_t encode_packet(std::span<const frame> pcm, std::span<std::uint8_t> payload) override {
    for (std::size_t i = 0; i < pcm.size(); ++i)
      encode_frame(pcm[i], payload.subspan(i * g711_frame));
    return pcm.size() * g711_frame;
  }
  void copy_state_from(const encoder& other) override {
    const auto* source = dynamic_cast<const g711_encoder*>(&other);
    PLENARY_ASSERT(source != nullptr && source->kind_ == kind_);
    downsampler_.copy_state_from(source->downsampler_);
  }

  void reset() override { downsampler_.reset(); }

private:
  void encode_frame(const frame& pcm, std::span<std::uint8_t> payload) {
    PLENARY_ASSERT(payload.size() >= g711_frame);
    std::array<std::int16_t, g711_frame> narrow;
    downsampler_.process(pcm, narrow);
    if (kind_ == codec_kind::pcmu)
      std::transform(narrow.begin(), narrow.end(), payload.begin(), [](int s) { return linear_to_ulaw(s); });
    else
      std::transform(narrow.begin(), narrow.end(), payload.begin(), [](int s) { return linear_to_alaw(s); });
  }

  codec_kind kind_;
  frame_downsampler downsampler_;
};

class g711_decoder final : public decoder {
public:
  g711_decoder(codec_kind kind, resampler made)
      : kind_(kind)
      , upsampler_(std::move(made)) {}

  result<std::size_t> duration(std::span<const std::uint8_t> payload) const override {
    if (payload.empty() || payload.size() > g711_max_payload)
      return fail(errc::malformed,
                  fmt::format("G.711 payload of {} bytes, 1 to {}", payload.size(), g711_max_payload));
    return payload.size() * g711_ratio;
  }

  result<std::size_t> decode(std::span<const std::uint8_t> payload, std::span<std::int16_t> pcm) override {
    auto samples = duration(payload);
    if (!samples)
      return samples;
    if (*samples > pcm.size())
      return fail(errc::malformed, fmt::format("G.711 payload of {} bytes does not fit", payload.size()));
    std::array<std::int16_t, g711_max_payload> store;
    const auto narrow = std::span(store).first(payload.size());
    if (kind_ == codec_kind::pcmu)
      std::transform(payload.begin(), payload.end(), narrow.begin(),
                     [](auto b) { return ulaw_to_linear(b); });
    else
      std::transform(payload.begin(), payload.end(), narrow.begin(),
                     [](auto b) { return alaw_to_linear(b); });
    concealer_.received(narrow);
    upsampler_.process(narrow, pcm.first(*samples));
    return samples;
  }

  bool recover(std::span<const std::uint8_t>, std::span<std::int16_t>) override { return false; }

  void conceal(std::span<std::int16_t> pcm) override {
    std::array<std::int16_t, g711_max_payload> store;
    while (pcm.size() >= g711_ratio) {
      const auto narrow = std::span(store).first(std::min(g711_max_payload, pcm.size() / g711_ratio));
      concealer_.fill(narrow);
      upsampler_.process(narrow, pcm.first(narrow.size() * g711_ratio));
      pcm = pcm.subspan(narrow.size() * g711_ratio);
    }
    std::fill(pcm.begin(), pcm.end(), std::int16_t{0});
  }

  void reset() override {
    concealer_.reset();
    upsampler_.reset();
  }

private:
  codec_kind kind_;
  resampler upsampler_;
  loss_concealer concealer_{g711_rate};
};

} // namespace

result<std::unique_ptr<encoder>> make_g711_encoder(codec_kind kind) {
  auto made = frame_downsampler::make(g711_rate);
  if (!made)
    return tl::unexpected(std::move(made).error());
  return std::make_unique<g711_encoder>(kind, std::move(*made));
}

result<std::unique_ptr<decoder>> make_g711_decoder(codec_kind kind) {
  auto made = resampler::make(g711_rate, sample_rate);
  if (!made)
    return tl::unexpected(std::move(made).error());
  return std::make_unique<g711_decoder>(kind, std::move(*made));
}

} // namespace plenary::audio
