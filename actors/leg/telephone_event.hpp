#pragma once

#include "actors/edge/media_transport.hpp"
#include "schema/ids.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

namespace plenary {

/// Finds finished digits in one leg's telephone-event packets (RFC 4733 section 2). An event is one RTP
/// timestamp:
///
///            packet, new timestamp            E bit                    any packet of the same timestamp
///   [idle] ------------------------> [digit held] --> told once --> [done] ----------------> ignored
///                                        |  new timestamp: the held digit is told, the new one is held
///                                        |  nothing for 200 ms: told by expire()
///
/// Told digits never repeat, however often end packets do, and a lost end costs nothing but time.
class telephone_event_receiver {
public:
  /// Silence after which an event without end packet counts as finished (senders update every 50 ms or
  /// faster).
  static constexpr std::chrono::milliseconds lost_end_timeout{200};

  /// `clock_rate` of the payload type, in Hz.
  explicit telephone_event_receiver(std::uint32_t clock_rate);

  /// Takes the payload of one packet; gives the digit that this packet shows to be finished. Events that are
  /// no digit (above 15) and packets shorter than 4 bytes are ignored.
  std::optional<digit_pressed> receive(std::span<const std::uint8_t> payload, std::uint32_t timestamp,
                                       mono_time now);

  /// A digit that is held and will be told.
  std::optional<digit_pressed> held() const;

  /// Gives the held digit when its packets stopped coming. Call it now and then, at least with later packets.
  std::optional<digit_pressed> expire(mono_time now);

private:
  struct event {
    std::uint8_t code = 0;
    std::uint32_t timestamp = 0;
    std::uint16_t duration = 0;
    mono_time first_packet{};
    mono_time last_packet{};
    bool told = false;
  };

  std::optional<digit_pressed> finish();

  std::uint32_t clock_rate_;
  std::optional<event> current_;
};

} // namespace plenary
