#include "bench/sound/rig.hpp"

#include <algorithm>

namespace plenary::sound_bench {
namespace {

constexpr auto tick_phase = std::chrono::milliseconds(7);

std::unique_ptr<audio::receive_stream> make_stream(const std::shared_ptr<audio::packet_ring>& ring) {
  using audio::codec_kind;
  return audio::receive_stream::make(
             ring,
             {{96, codec_kind::opus}, {0, codec_kind::pcmu}, {8, codec_kind::pcma}, {9, codec_kind::g722}},
             {})
      .value();
}

void sort_by_arrival(std::vector<audio::scheduled>& packets) {
  std::stable_sort(packets.begin(), packets.end(),
                   [](const auto& a, const auto& b) { return a.info.arrival < b.info.arrival; });
}

} // namespace

const std::vector<line_kind>& line_kinds() {
  using audio::codec_kind;
  static const std::vector<line_kind> kinds{
      {"Opus 32k DTX", {.codec = codec_kind::opus, .bitrate = 32000, .dtx = true}},
      {"Opus 32k", {.codec = codec_kind::opus, .bitrate = 32000, .dtx = false}},
      {"G.722", {.codec = codec_kind::g722, .bitrate = 0}},
      {"PCMU", {.codec = codec_kind::pcmu, .bitrate = 0}},
  };
  return kinds;
}

std::vector<audio::scheduled> packets_of(const signal& sound, const audio::encoding& format) {
  struct source {
    const signal& sound;
    std::size_t index = 0;
    audio::frame next() { return frame_of(sound, index++); }
  };
  return audio::packets_of(source{sound}, format, sound.size() / audio::frame_samples,
                           audio::payload_type_of(format.codec));
}

heard_line::heard_line(audio::mixer_config config)
    : mixer_(config)
    , due_(audio::simulation_start + tick_phase) {}

audio::participant_slot heard_line::add(std::vector<audio::scheduled> packets, const audio::encoding& hears) {
  auto made = std::make_unique<caller>(hears.codec);
  made->packets = std::move(packets);
  sort_by_arrival(made->packets);
  made->stream = make_stream(made->ring);
  callers_.push_back(std::move(made));
  auto& added = *callers_.back();
  return mixer_.add({added.stream.get(), &added.sink, hears, false}).value();
}

void heard_line::listen(const audio::encoding& format) {
  listener_ = std::make_unique<audio::listening_sink>(format.codec);
  mixer_.add({nullptr, listener_.get(), format, false}).value();
}

/// What the receive thread does with a packet.
void heard_line::caller::arrive(audio::scheduled& packet) {
  for (const auto kind : {audio::codec_kind::pcmu, audio::codec_kind::pcma, audio::codec_kind::g722})
    if (packet.info.payload_type == audio::payload_type_of(kind)) {
      const auto ended = tones.hear(packet.info, kind, packet.payload);
      for (const auto& press : ended.all())
        keys += press.key;
    }
  ring->push(packet.info, packet.payload);
}

audio::tick_report heard_line::run(std::size_t ticks) {
  audio::tick_report total;
  for (std::size_t i = 0; i < ticks; ++i) {
    for (auto& each : callers_)
      for (; each->next < each->packets.size() && each->packets[each->next].info.arrival <= due_;
           ++each->next)
        each->arrive(each->packets[each->next]);
    const auto report = mixer_.tick(due_, number_++);
    total.decoded += report.decoded;
    total.concealed += report.concealed;
    total.encoded += report.encoded;
    for (auto& each : callers_)
      each->sink.end_tick();
    if (listener_)
      listener_->end_tick();
    due_ += audio::frame_duration;
  }
  return total;
}

signal heard_directly(std::vector<audio::scheduled> packets, const audio::encoding& listener,
                      std::size_t ticks) {
  audio::simulated_leg leg(std::move(packets));
  auto encoding = audio::make_encoder(listener, 5).value();
  audio::listening_sink sink(listener.codec);
  std::array<std::uint8_t, audio::max_encoded_bytes> payload{};
  for (std::size_t i = 0; i < ticks; ++i) {
    leg.tick();
    audio::frame pcm{};
    std::copy(leg.latest(1).begin(), leg.latest(1).end(), pcm.begin());
    const auto size = encoding->encode(pcm, payload);
    if (size > 0)
      sink.send(std::span(payload).first(size), i, false);
    sink.end_tick();
  }
  return to_signal(sink.heard);
}

} // namespace plenary::sound_bench
