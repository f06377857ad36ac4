#include "actors/audio/rtp_sender.hpp"

#include "actors/audio/rtp.hpp"

#include <algorithm>

namespace plenary::audio {

namespace {

constexpr std::uint32_t ticks_per_second = 50;
constexpr std::uint64_t ticks_per_trickle = 10;

} // namespace

rtp_sender::rtp_sender(const send_settings& settings, std::unique_ptr<srtp_session> protection)
    : settings_(settings)
    , protection_(std::move(protection))
    , sequence_number_(settings.first_sequence_number) {
  statistics_.ssrc = settings.ssrc;
  statistics_.latest_timestamp = settings.first_timestamp;
}

void rtp_sender::attach(packet_batch* batch) {
  batch_ = batch;
}

void rtp_sender::redirect(const endpoint& remote, port_index port, std::uint8_t payload_type,
                          std::uint32_t clock_rate) {
  if (clock_rate != settings_.clock_rate) {
    // The next tick counts on from the latest timestamp at the new rate.
    settings_.first_timestamp = statistics_.latest_timestamp + clock_rate / ticks_per_second;
    first_number_.reset();
  }
  settings_.remote = remote;
  settings_.port = port;
  settings_.payload_type = payload_type;
  settings_.clock_rate = clock_rate;
}

void rtp_sender::rekey(std::unique_ptr<srtp_session> protection) {
  protection_ = std::move(protection);
}

void rtp_sender::send(std::span<const std::uint8_t> payload, std::uint64_t number, bool marker) {
  if (!can_send(payload) || is_held_back(number))
    return;
  put(payload, timestamp_of(number), marker);
  latest_number_ = number;
}

void rtp_sender::send_second(std::span<const std::uint8_t> payload, std::uint64_t number) {
  if (can_send(payload) && !trickles_)
    put(payload, timestamp_of(number) + settings_.clock_rate / ticks_per_second / 2, false);
}

bool rtp_sender::can_send(std::span<const std::uint8_t> payload) const {
  return batch_ != nullptr && !payload.empty() && settings_.remote.family != 0;
}

bool rtp_sender::is_held_back(std::uint64_t number) const {
  return trickles_ && latest_number_ && number - *latest_number_ < ticks_per_trickle;
}

std::uint32_t rtp_sender::timestamp_of(std::uint64_t number) {
  if (!first_number_)
    first_number_ = number;
  const auto step = settings_.clock_rate / ticks_per_second;
  return settings_.first_timestamp + static_cast<std::uint32_t>(number - *first_number_) * step;
}

void rtp_sender::put(std::span<const std::uint8_t> payload, std::uint32_t timestamp, bool marker) {
  rtp_packet packet;
  packet.payload_type = settings_.payload_type;
  packet.marker = marker;
  packet.sequence_number = sequence_number_;
  packet.timestamp = timestamp;
  packet.ssrc = settings_.ssrc;
  const auto header = write_rtp_header(packet);
  if (protection_) {
    const auto space = batch_->space();
    if (space.size() < header.size() + payload.size() + max_srtp_overhead)
      return; // more packets than the batch was reserved for; the next one tells the far end of the gap
    const auto end = std::copy(header.begin(), header.end(), space.begin());
    std::copy(payload.begin(), payload.end(), end);
    const auto size = protection_->protect(space, header.size() + payload.size());
    if (size == 0)
      return;
    batch_->add_whole(settings_.remote, settings_.port, size);
  } else {
    batch_->add(settings_.remote, settings_.port, header, payload);
  }
  ++sequence_number_;
  ++statistics_.packets;
  statistics_.octets += static_cast<std::uint32_t>(payload.size());
  statistics_.latest_timestamp = packet.timestamp;
}

const endpoint& rtp_sender::remote() const {
  return settings_.remote;
}

bool rtp_sender::is_protected() const {
  return protection_ != nullptr;
}

send_statistics rtp_sender::statistics_at(std::uint64_t number) const {
  auto figures = statistics_;
  if (first_number_)
    figures.latest_timestamp =
        settings_.first_timestamp +
        static_cast<std::uint32_t>(number - *first_number_) * (settings_.clock_rate / ticks_per_second);
  return figures;
}

send_statistics rtp_sender::statistics() const {
  return statistics_;
}

} // namespace plenary::audio
