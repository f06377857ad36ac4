#include "actors/leg/telephone_event.hpp"

#include "schema/result.hpp"

#include <algorithm>
#include <string_view>

namespace plenary {

namespace {

constexpr std::string_view digits = "0123456789*#ABCD"; // RFC 4733 section 3.2
constexpr std::size_t payload_size = 4;
constexpr std::uint8_t end_bit = 0x80;

} // namespace

telephone_event_receiver::telephone_event_receiver(std::uint32_t clock_rate)
    : clock_rate_(clock_rate) {
  PLENARY_ASSERT(clock_rate > 0);
}

std::optional<digit_pressed> telephone_event_receiver::receive(std::span<const std::uint8_t> payload,
                                                               std::uint32_t timestamp, mono_time now) {
  if (payload.size() < payload_size || payload[0] >= digits.size())
    return expire(now);
  const auto duration = static_cast<std::uint16_t>(payload[2] << 8 | payload[3]);
  std::optional<digit_pressed> finished;
  if (!current_ || current_->timestamp != timestamp) {
    // An older timestamp is a packet that was overtaken: its event was told when the newer one began.
    if (current_ && static_cast<std::int32_t>(timestamp - current_->timestamp) < 0)
      return std::nullopt;
    finished = finish();
    current_ = event{payload[0], timestamp, 0, now, now, false};
  }
  current_->duration = std::max(current_->duration, duration);
  current_->last_packet = now;
  // When two digits finish in one packet (the end of the first and all but the end of the second were lost),
  // the second is told with its next end packet or by expire().
  if ((payload[1] & end_bit) != 0 && !finished)
    return finish();
  return finished;
}

std::optional<digit_pressed> telephone_event_receiver::expire(mono_time now) {
  if (!current_ || now - current_->last_packet < lost_end_timeout)
    return std::nullopt;
  return finish();
}

std::optional<digit_pressed> telephone_event_receiver::finish() {
  auto finished = held();
  if (finished)
    current_->told = true;
  return finished;
}

std::optional<digit_pressed> telephone_event_receiver::held() const {
  if (!current_ || current_->told)
    return std::nullopt;
  const std::uint64_t milliseconds = std::uint64_t{current_->duration} * 1000 / clock_rate_;
  return digit_pressed{digits[current_->code], std::chrono::milliseconds{milliseconds},
                       current_->first_packet, current_->last_packet};
}

} // namespace plenary
