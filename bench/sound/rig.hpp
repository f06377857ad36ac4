#pragma once

#include "actors/audio/tone_listener.hpp"
#include "bench/sound/signal.hpp"
#include "tests/audio/mixed_room.hpp"
#include "tests/audio/simulated_network.hpp"
#include "tests/audio/tone_packets.hpp"

#include <memory>
#include <string>
#include <vector>

namespace plenary::sound_bench {

/// A caller's codec as a row of a table names it.
struct line_kind {
  std::string name;
  audio::encoding format;
};

/// Opus with and without DTX, G.722, PCMU: the codecs that callers send.
const std::vector<line_kind>& line_kinds();

/// Packets of a sound, sent on time.
std::vector<audio::scheduled> packets_of(const signal& sound, const audio::encoding& format);

/// The real receive path of one caller, the real mixer, and one listener who decodes what it is sent.
class heard_line {
public:
  explicit heard_line(audio::mixer_config config = {});

  /// Another caller of the room; the returned slot stays valid.
  audio::participant_slot add(std::vector<audio::scheduled> packets, const audio::encoding& hears);
  /// The keys that the caller was heard pressing.
  const std::string& keys(audio::participant_slot slot) const { return callers_.at(slot)->keys; }
  /// A listener who says nothing; its sound is heard().
  void listen(const audio::encoding& format);

  audio::mixer& mixer() { return mixer_; }
  audio::receive_stream& stream(audio::participant_slot slot) { return *callers_.at(slot)->stream; }
  const audio::listening_sink& sink(audio::participant_slot slot) const { return callers_.at(slot)->sink; }

  /// Runs ticks; returns the sum of their reports.
  audio::tick_report run(std::size_t ticks);

  /// All that the listener has heard, from the first tick on.
  signal heard() const { return to_signal(listener_->heard); }
  const audio::listening_sink& listener() const { return *listener_; }

private:
  struct caller {
    void arrive(audio::scheduled& packet);
    explicit caller(audio::codec_kind hears)
        : sink(hears) {}
    std::vector<audio::scheduled> packets;
    std::size_t next = 0;
    audio::tone_listener tones;
    std::string keys;
    std::shared_ptr<audio::packet_ring> ring = std::make_shared<audio::packet_ring>();
    std::unique_ptr<audio::receive_stream> stream;
    audio::listening_sink sink;
  };

  audio::mixer mixer_;
  std::vector<std::unique_ptr<caller>> callers_;
  std::unique_ptr<audio::listening_sink> listener_;
  mono_time due_;
  std::uint64_t number_ = 1000;
};

/// What a listener would hear of one caller alone if every frame were decoded and encoded: the measure.
signal heard_directly(std::vector<audio::scheduled> packets, const audio::encoding& listener,
                      std::size_t ticks);

} // namespace plenary::sound_bench
