#include "actors/audio/receiver_statistics.hpp"

#include <algorithm>

namespace plenary::audio {

namespace {

// RFC 3550 appendix A.1
constexpr std::uint32_t sequence_modulus = 1U << 16;
constexpr std::uint16_t max_dropout = 3000;
constexpr std::uint16_t max_misorder = 100;

} // namespace

void receiver_statistics::update(std::uint32_t ssrc, std::uint16_t sequence_number, std::uint32_t timestamp,
                                 std::uint32_t arrival) {
  if (!started_ || ssrc != ssrc_)
    restart(ssrc, sequence_number);
  if (!update_sequence(sequence_number))
    return;
  ++received_;
  update_jitter(timestamp, arrival);
}

void receiver_statistics::restart(std::uint32_t ssrc, std::uint16_t sequence_number) {
  *this = receiver_statistics{};
  started_ = true;
  ssrc_ = ssrc;
  max_sequence_ = sequence_number;
  base_sequence_ = sequence_number;
  bad_sequence_ = sequence_modulus + 1; // equals no sequence number
}

/// False for a packet far out of order, which counts only when its successor comes too (the sender
/// restarted).
bool receiver_statistics::update_sequence(std::uint16_t sequence_number) {
  const auto ahead = static_cast<std::uint16_t>(sequence_number - max_sequence_);
  if (ahead < max_dropout) {
    if (sequence_number < max_sequence_)
      cycles_ += sequence_modulus;
    max_sequence_ = sequence_number;
    return true;
  }
  if (ahead > sequence_modulus - max_misorder)
    return true; // late or repeated
  if (sequence_number != bad_sequence_) {
    bad_sequence_ = (sequence_number + 1U) & (sequence_modulus - 1);
    return false;
  }
  restart(ssrc_, sequence_number);
  return true;
}

void receiver_statistics::update_jitter(std::uint32_t timestamp, std::uint32_t arrival) {
  const std::uint32_t transit = arrival - timestamp;
  if (transit_) {
    const auto difference = static_cast<std::int32_t>(transit - *transit_);
    const auto distance = static_cast<std::uint32_t>(difference < 0 ? -std::int64_t{difference} : difference);
    jitter_ += distance - ((jitter_ + 8) >> 4);
  }
  transit_ = transit;
}

std::optional<reception_report> receiver_statistics::report() {
  if (!started_)
    return std::nullopt;
  const std::uint32_t expected = extended_highest_sequence() - base_sequence_ + 1;
  const auto lost = std::int64_t{expected} - std::int64_t{received_};
  const std::int64_t expected_now = std::int64_t{expected} - expected_before_;
  const std::int64_t lost_now = expected_now - (std::int64_t{received_} - received_before_);
  expected_before_ = expected;
  received_before_ = received_;
  reception_report figures;
  figures.ssrc = ssrc_;
  if (expected_now > 0 && lost_now > 0)
    figures.fraction_lost =
        static_cast<std::uint8_t>(std::min<std::int64_t>(lost_now * 256 / expected_now, 255));
  figures.cumulative_lost = static_cast<std::int32_t>(std::clamp<std::int64_t>(lost, -0x800000, 0x7FFFFF));
  figures.extended_highest_sequence = extended_highest_sequence();
  figures.jitter = jitter();
  return figures;
}

} // namespace plenary::audio
