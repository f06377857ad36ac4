#pragma once

#include "actors/audio/duplex_stream.hpp"
#include "actors/audio/mixer.hpp"
#include "actors/audio/packet_batch.hpp"
#include "actors/audio/rtcp_schedule.hpp"
#include "schema/participation.hpp"

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace plenary::audio {

/// Figures of one stream, for the RTCP report on it that is due.
struct stream_figures {
  participant_slot slot = 0;
  send_statistics sent;
  receive_statistics received;
};

/// Whoever has sound to move has a stage: it holds the streams that were lent
/// to it, mixes them, and puts what they send into one batch. Exactly one stage
/// holds a stream. Pure: the ticks come from outside, and what is in the batch
/// is somebody else's to send. Stays where it is, for senders point to its
/// batch.
class stage {
public:
  explicit stage(const mixer_config& config);
  stage(const stage&) = delete;
  stage& operator=(const stage&) = delete;

  /// Takes a stream in; what it received before is dropped, nobody else may
  /// touch it until remove(). `number`: see participant_io. Fails like
  /// mixer::add(); then the stream is as it was.
  result<participant_slot> add(std::shared_ptr<duplex_stream> stream, std::uint32_t number,
                               const participation& how);

  /// Lets go of a stream; its slot may be used again at once.
  void remove(participant_slot slot);

  /// Changes what a participant may do. Fails like mixer::update(); then
  /// everything stays as it was.
  result<void> change(participant_slot slot, const participation& how);

  /// Changes a stream. Fails like mixer::update(); then it receives and is
  /// encoded as before.
  result<void> change(participant_slot slot, stream_change&& what);

  /// Like mixer::suppress_noise().
  void suppress_noise(bool on) { mixer_.suppress_noise(on); }

  /// Drops what has been received and not been played: ticks were left out.
  void flush();

  /// Tick `number`, due at `due`: afterwards batch() holds what it sends. Does
  /// not allocate, lock or log.
  tick_report tick(mono_time due, std::uint64_t number);

  /// What the latest tick sends; to be cleared before the next one.
  packet_batch& batch() { return batch_; }

  /// Figures of the streams that a report is due on, by the sound's time and
  /// not by a clock; valid until the next call. Nothing is due on a stream's
  /// first tick. Does not allocate.
  std::span<const stream_figures> figures_due(std::uint64_t number);

  bool is_speaking(participant_slot slot) const { return mixer_.is_speaking(slot); }
  participant_loudness loudness_of(participant_slot slot) const { return mixer_.loudness_of(slot); }

private:
  struct member {
    std::shared_ptr<duplex_stream> stream; ///< null: the slot is free
    participant_io io;                     ///< as the mixer has it
    std::optional<rtcp_schedule> reports;  ///< in the sound's time; nothing before the first tick
  };

  member& at(participant_slot slot);
  result<void> update(participant_slot slot, member& who, const participant_io& io);
  void reserve_batch();

  packet_batch batch_;
  mixer mixer_;
  std::vector<member> members_; ///< by slot
  std::vector<stream_figures> due_;
};

} // namespace plenary::audio
