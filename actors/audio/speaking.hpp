#pragma once

#include "actors/audio/encoding_class.hpp"
#include "actors/audio/mixer.hpp"
#include "actors/audio/room_noise.hpp"
#include "actors/audio/talkers.hpp"

#include <memory>
#include <vector>

namespace plenary::audio {

/// How a participant listens.
struct listening {
  frame_sink* sink = nullptr; ///< may be null
  encoding format;
  ear hears{};
};

/// The speaking half of a mixer: limits and encodes the mix once per encoding for all who only listen and
/// once more for each talker and each ear of its own, and hands the payloads to the sinks.
class speaking {
public:
  explicit speaking(const mixer_config& config);

  /// Speaks to a new participant. Fails with `internal` when an encoder cannot be made, and with
  /// `limit_reached` when there are enough ears of their own.
  result<void> join(participant_slot slot, const listening& as);

  /// Forgets a participant; nothing is sent to its sink any more.
  void leave(participant_slot slot);

  /// Changes sink, format or ear; fails like join(), and then everything stays as it was.
  result<void> change(participant_slot slot, const listening& as);

  /// One tick: every sink gets at most one packet, or two of 10 ms. `backgrounds`: of the participants.
  void run(const talkers& mix, std::span<const background_floor> backgrounds, std::uint64_t number,
           tick_report& report);

private:
  struct outlet {
    frame_sink* sink = nullptr;
    encoding_class* hears = nullptr;
    ear as{};
    bool fresh = true; ///< has got no payload yet: the first one carries the marker
  };

  result<encoding_class*> class_of(const encoding& format);
  result<encoding_class*> admit(const listening& as, std::size_t most_ears);
  void seat(participant_slot slot, const listening& as, encoding_class& hears);
  result<void> change_ear(participant_slot slot, const ear& as);
  void drop_empty_classes();
  bool has_own_ear(participant_slot slot) const;
  void give_talkers_their_own(const talkers& mix);
  void take_back(encoding_class& from);
  void limit_shared(const talkers& mix, std::uint64_t number);
  void speak_shared(encoding_class& to, std::uint64_t number, tick_report& report);
  void speak_private(private_stream& own, const talkers& mix, std::uint64_t number, tick_report& report);
  void deliver(participant_slot slot, const outbound_stream& stream, std::uint64_t number,
               tick_report& report);

  int complexity_;
  std::size_t most_private_;
  std::size_t most_ears_;
  std::size_t ears_ = 0; ///< participants whose ear is not the shared one
  std::vector<outlet> outlets_;
  std::vector<std::unique_ptr<encoding_class>> classes_;
  room_noise noise_;
  limiter shared_gain_;
  limiter shared_gain_before_;
  frame shared_mix_{};
  dbov shared_level_ = silence_level;
  bool shared_silence_ = true; ///< nothing but steady noise, if any
  wide_frame own_sum_{};
  frame own_mix_{};
};

} // namespace plenary::audio
