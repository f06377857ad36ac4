#pragma once

#include "actors/audio/codec.hpp"
#include "actors/audio/mixer.hpp"
#include "tone.hpp"

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace plenary::audio {

/// Amplitude of the tones that people say.
inline constexpr double loud = 8000;

/// A leg whose sound a test writes: every tick asks `script` for the frame, null is DTX.
class scripted_source final : public frame_source {
public:
  std::function<frame()> script;
  std::function<preview()> announce = [] { return preview{true, false, std::nullopt, 160}; };

  preview advance(mono_time) override {
    ++advanced;
    if (!script)
      return {};
    pcm_ = script();
    return announce();
  }

  void decode(frame& out) override {
    ++decoded;
    out = pcm_;
  }

  int advanced = 0;
  int decoded = 0;

private:
  frame pcm_{};
};

/// The far end of a leg: decodes what it gets with the real codec and conceals what it does not.
class listening_sink final : public frame_sink {
public:
  explicit listening_sink(codec_kind codec)
      : decoder_(std::move(make_decoder(codec).value())) {}

  void send(std::span<const std::uint8_t> payload, std::uint64_t number, bool marker) override {
    latest.assign(payload.begin(), payload.end());
    latest_number = number;
    markers += marker ? 1 : 0;
    ++payloads;
    got_ = true;
  }

  void send_second(std::span<const std::uint8_t>, std::uint64_t) override {
    throw std::runtime_error("nobody here wants packets of 10 ms");
  }

  void end_tick() {
    frame pcm{};
    if (!got_)
      decoder_->conceal(pcm);
    else if (!decoder_->decode(latest, pcm))
      throw std::runtime_error("payload does not decode");
    heard.insert(heard.end(), pcm.begin(), pcm.end());
    longest_gap = std::max(longest_gap, gap_ = got_ ? 0 : gap_ + 1);
    got_ = false;
  }

  /// The latest `ticks` frames that were heard.
  std::span<const std::int16_t> last(std::size_t ticks) const {
    return std::span{heard}.last(ticks * frame_samples);
  }

  std::vector<std::uint8_t> latest;
  std::uint64_t latest_number = 0;
  int payloads = 0;
  int markers = 0;
  int longest_gap = 0;
  std::vector<std::int16_t> heard;

private:
  std::unique_ptr<decoder> decoder_;
  int gap_ = 0;
  bool got_ = false;
};

/// A participant of a test room.
struct person {
  scripted_source source;
  listening_sink sink;
  encoding format;
  participant_slot slot = 0;

  explicit person(const encoding& encoded)
      : sink(encoded.codec)
      , format(encoded) {}

  void says(double hz, double amplitude) {
    source.script = [wave = tone{hz, amplitude}]() mutable { return wave.next(); };
  }
  void says_noise(unsigned seed, double amplitude) {
    source.script = [random = std::mt19937{seed}, amplitude]() mutable {
      std::normal_distribution<double> normal{0, amplitude};
      frame pcm;
      for (auto& sample : pcm)
        sample = static_cast<std::int16_t>(std::lrint(normal(random)));
      return pcm;
    };
  }
  void is_silent() { source.script = nullptr; }
  void announces(std::uint8_t level) {
    source.announce = [level] { return preview{true, false, level, 80}; };
  }

  participant_io io(bool muted = false, const ear& hears = {}) {
    return {&source, &sink, format, muted, {}, hears};
  }
};

/// A mixer with its people on simulated time.
class mixed_room {
public:
  explicit mixed_room(const mixer_config& config = {})
      : mixer_(config) {}

  person& enter(const encoding& format = {}, const ear& hears = {}) {
    people_.push_back(std::make_unique<person>(format));
    people_.back()->slot = mixer_.add(people_.back()->io(false, hears)).value();
    return *people_.back();
  }

  /// The person hears another way from now on, or stays as it was: false.
  bool gives(person& who, const ear& hears) {
    return mixer_.update(who.slot, who.io(false, hears)).has_value();
  }

  void leave(person& who) {
    mixer_.remove(who.slot);
    std::erase_if(people_, [&who](const auto& each) { return each.get() == &who; });
  }

  /// Runs ticks; returns the sum of their reports.
  tick_report run(int ticks = 1) {
    tick_report total;
    for (int i = 0; i < ticks; ++i) {
      const auto report = mixer_.tick(now_, number_++);
      now_ += frame_duration;
      total.decoded += report.decoded;
      total.concealed += report.concealed;
      total.encoded += report.encoded;
      total.sent += report.sent;
      for (auto& each : people_)
        each->sink.end_tick();
    }
    return total;
  }

  audio::mixer& mixer() { return mixer_; }
  bool is_speaking(const person& who) const { return mixer_.is_speaking(who.slot); }

private:
  audio::mixer mixer_;
  std::vector<std::unique_ptr<person>> people_;
  mono_time now_{};
  std::uint64_t number_ = 1000;
};

inline const encoding opus_format{};
inline const encoding g722_format{codec_kind::g722, 0, 0, false, 0, false};
inline const encoding pcmu_format{codec_kind::pcmu, 0, 0, false, 0, false};
inline const encoding pcma_format{codec_kind::pcma, 0, 0, false, 0, false};

} // namespace plenary::audio
