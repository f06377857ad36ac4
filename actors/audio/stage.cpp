#include "actors/audio/stage.hpp"

#include <utility>

namespace plenary::audio {

namespace {

/// What the mixer needs of a stream; the rest is as in `before`.
participant_io with_stream(participant_io before, const duplex_stream& stream) {
  before.source = stream.can_speak ? stream.receive.get() : nullptr;
  before.sink = stream.can_hear ? stream.send.get() : nullptr;
  before.format = stream.format;
  return before;
}

/// What the mixer needs of what a participant may do.
participant_io with_participation(participant_io before, const participation& how) {
  before.muted = how.muted;
  before.level = how.level;
  before.hears = ear_of(how);
  return before;
}

} // namespace

stage::stage(const mixer_config& config)
    : mixer_(config) {}

stage::member& stage::at(participant_slot slot) {
  PLENARY_ASSERT(slot < members_.size() && members_[slot].stream != nullptr);
  return members_[slot];
}

result<participant_slot> stage::add(std::shared_ptr<duplex_stream> stream, std::uint32_t number,
                                    const participation& how) {
  auto io = with_participation(with_stream({}, *stream), how);
  io.number = number;
  auto slot = mixer_.add(io);
  if (!slot)
    return slot;
  stream->receive->flush();
  stream->send->attach(&batch_);
  if (*slot >= members_.size())
    members_.resize(*slot + 1);
  members_[*slot] = {std::move(stream), io, std::nullopt};
  due_.reserve(members_.size());
  reserve_batch();
  return slot;
}

void stage::remove(participant_slot slot) {
  auto& left = at(slot);
  mixer_.remove(slot);
  left.stream->send->attach(nullptr);
  left = {};
}

result<void> stage::update(participant_slot slot, member& who, const participant_io& io) {
  auto updated = mixer_.update(slot, io);
  if (updated)
    who.io = io;
  return updated;
}

result<void> stage::change(participant_slot slot, const participation& how) {
  auto& who = at(slot);
  return update(slot, who, with_participation(who.io, how));
}

result<void> stage::change(participant_slot slot, stream_change&& what) {
  auto& who = at(slot);
  auto& stream = *who.stream;
  // A replaced stream lives until the mixer has let go of it.
  const bool replaced = what.receive != nullptr;
  auto receive_before = replaced ? std::move(stream.receive) : nullptr;
  const auto format_before = stream.format;
  apply(std::move(what), stream);
  auto updated = update(slot, who, with_stream(who.io, stream));
  if (!updated) {
    stream.format = format_before;
    if (replaced)
      stream.receive = std::move(receive_before);
  }
  reserve_batch();
  return updated;
}

void stage::flush() {
  for (auto& each : members_)
    if (each.stream)
      each.stream->receive->flush();
}

tick_report stage::tick(mono_time due, std::uint64_t number) {
  tick_report report;
  mixer_.hear(due, number, report);
  mixer_.speak(number, report);
  return report;
}

std::span<const stream_figures> stage::figures_due(std::uint64_t number) {
  const mono_time now{number * frame_duration};
  due_.clear();
  for (participant_slot slot = 0; slot < members_.size(); ++slot) {
    auto& [stream, io, reports] = members_[slot];
    if (!stream)
      continue;
    if (!reports)
      reports.emplace(stream->send->statistics().ssrc, now);
    if (reports->take(now))
      due_.push_back({slot, stream->send->statistics_at(number), stream->receive->statistics()});
  }
  return due_;
}

void stage::reserve_batch() {
  std::size_t packets = 0;
  std::size_t protected_packets = 0;
  for (const auto& each : members_) {
    if (!each.stream)
      continue;
    const auto most = packets_in_a_tick(each.stream->format);
    packets += most;
    protected_packets += each.stream->send->is_protected() ? most : 0;
  }
  batch_.reserve(packets, protected_packets);
}

} // namespace plenary::audio
