#pragma once

#include <cstdint>
#include <optional>

namespace plenary::audio {

/// What a receiver reports about one source (RFC 3550 section 6.4.1).
struct reception_report {
  std::uint32_t ssrc = 0;
  std::uint8_t fraction_lost = 0;   ///< of the interval, in 1/256
  std::int32_t cumulative_lost = 0; ///< 24 bits, negative when packets were duplicated
  std::uint32_t extended_highest_sequence = 0;
  std::uint32_t jitter = 0;                    ///< RTP clock units
  std::uint32_t last_sender_report = 0;        ///< LSR: middle 32 bits of its NTP time; 0: none came
  std::uint32_t delay_since_sender_report = 0; ///< DLSR, in 1/65536 s

  friend bool operator==(const reception_report&, const reception_report&) = default;
};

/// Counts one source's packets as RFC 3550 appendices A.1 (sequence), A.3 (loss) and A.8 (jitter) tell. A new
/// SSRC or a jump of the sequence that goes on starts anew.
class receiver_statistics {
public:
  /// Takes one packet; `arrival` in units of the RTP clock, any origin.
  void update(std::uint32_t ssrc, std::uint16_t sequence_number, std::uint32_t timestamp,
              std::uint32_t arrival);

  /// The figures of now, LSR and DLSR left 0; `fraction_lost` is counted since the report before. Nothing
  /// before the first packet.
  std::optional<reception_report> report();

  std::uint32_t ssrc() const { return ssrc_; }
  std::uint32_t extended_highest_sequence() const { return cycles_ + max_sequence_; }
  std::uint32_t jitter() const { return jitter_ >> 4; }

private:
  void restart(std::uint32_t ssrc, std::uint16_t sequence_number);
  bool update_sequence(std::uint16_t sequence_number);
  void update_jitter(std::uint32_t timestamp, std::uint32_t arrival);

  bool started_ = false;
  std::uint32_t ssrc_ = 0;
  std::uint16_t max_sequence_ = 0;
  std::uint32_t cycles_ = 0; ///< wraps of the sequence number, shifted by 16
  std::uint32_t base_sequence_ = 0;
  std::uint32_t bad_sequence_ = 0;
  std::uint32_t received_ = 0;
  std::uint32_t expected_before_ = 0;
  std::uint32_t received_before_ = 0;
  std::optional<std::uint32_t> transit_;
  std::uint32_t jitter_ = 0; ///< scaled by 16
};

} // namespace plenary::audio
