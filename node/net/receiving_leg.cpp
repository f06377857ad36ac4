#include "node/net/receiving_leg.hpp"

#include <algorithm>

namespace plenary {

media_claim claim_of(const receive_settings& settings) {
  return {settings.expected_source,  settings.expected_rtcp, settings.signalling,
          settings.srtp.has_value(), settings.media_ips,     settings.offer};
}

receiving_leg::receiving_leg(const port_lease& lease, receive_settings settings,
                             std::shared_ptr<audio::packet_ring> ring, event_callback on_event)
    : lease_(lease)
    , settings_(std::move(settings))
    , ring_(std::move(ring))
    , on_event_(std::move(on_event))
    , destination_(settings_.expected_source)
    , rtcp_destination_(settings_.expected_rtcp) {
  open_protection();
}

void receiving_leg::open_protection() {
  protection_.reset();
  if (!settings_.srtp)
    return;
  // Keys were checked when the SDP was read; without a session every packet is refused.
  auto opened = audio::srtp_session::make(*settings_.srtp, audio::srtp_session::direction::inbound);
  if (opened)
    protection_ = std::move(*opened);
}

void receiving_leg::update(receive_settings settings) {
  bool moved = settings.expected_source != settings_.expected_source ||
               settings.expected_rtcp != settings_.expected_rtcp;
  bool rekeyed = settings.srtp != settings_.srtp;
  bool new_events = settings.telephone_event != settings_.telephone_event ||
                    settings.telephone_event_clock_rate != settings_.telephone_event_clock_rate;
  if (settings.expected_source != settings_.expected_source)
    destination_ = settings.expected_source;
  settings_ = std::move(settings);
  if (settings_.tone_payloads.empty())
    tones_.reset();
  if (rekeyed)
    open_protection();
  if (new_events || !digits_)
    digits_.emplace(settings_.telephone_event_clock_rate);
  std::lock_guard lock(mutex_);
  if (moved || rtcp_destination_.family == 0)
    rtcp_destination_ = settings_.expected_rtcp;
}

std::span<std::uint8_t> receiving_leg::open(std::span<std::uint8_t> packet) {
  if (!settings_.srtp)
    return packet;
  return packet.first(protection_ ? protection_->unprotect(packet) : 0);
}

void receiving_leg::settle(const audio::endpoint& source) {
  on_event_(source_latched{source, settings_.offer});
  destination_ = source;
  auto control = source;
  if (settings_.expected_rtcp != settings_.expected_source)
    ++control.port;
  if (source == settings_.expected_source)
    control = settings_.expected_rtcp;
  std::lock_guard lock(mutex_);
  rtcp_destination_ = control;
}

reception receiving_leg::reject(reception why) {
  std::lock_guard lock(mutex_);
  ++(why == reception::foreign ? statistics_.packets_foreign : statistics_.packets_rejected);
  return why;
}

reception receiving_leg::receive_rtp(std::span<const std::uint8_t> packet, const audio::endpoint& from,
                                     mono_time now) {
  auto parsed = audio::parse_rtp(packet, settings_.level_extension);
  if (!parsed)
    return reject(reception::malformed);
  alive(from, now);
  return deliver(*parsed, now);
}

reception receiving_leg::keep_alive(const audio::endpoint& from, mono_time now) {
  if (settings_.srtp) // where it proves nothing it is no sign of life
    return reject(reception::foreign);
  alive(from, now);
  return reject(reception::unplayable);
}

/// Any packet is life, and one of the machine that our media goes to says that somebody is there.
void receiving_leg::alive(const audio::endpoint& from, mono_time now) {
  std::lock_guard lock(mutex_);
  statistics_.last_packet = now;
  if (is_same_host(from, destination_))
    statistics_.answered_offer = settings_.offer;
}

reception receiving_leg::deliver(const audio::rtp_packet& packet, mono_time now) {
  if (settings_.telephone_event && packet.payload_type == *settings_.telephone_event) {
    if (!digits_)
      digits_.emplace(settings_.telephone_event_clock_rate);
    tell(digits_->receive(packet.payload, packet.timestamp, now));
    count(packet, now);
    return reception::accepted;
  }
  if (!is_audio(packet.payload_type))
    return reject(reception::unplayable);
  audio::packet_info info{.arrival = now,
                          .timestamp = packet.timestamp,
                          .ssrc = packet.ssrc,
                          .sequence_number = packet.sequence_number,
                          .payload_type = packet.payload_type,
                          .marker = packet.marker,
                          .level = packet.level};
  listen(info, packet.payload);
  ring_->push(info, packet.payload);
  count(packet, now);
  return reception::accepted;
}

bool receiving_leg::is_audio(std::uint8_t payload_type) const {
  const auto& types = settings_.audio_payload_types;
  return std::find(types.begin(), types.end(), payload_type) != types.end();
}

void receiving_leg::listen(audio::packet_info& info, std::span<const std::uint8_t> payload) {
  const auto& known = settings_.tone_payloads;
  const auto found = std::find_if(known.begin(), known.end(), [&info](const auto& each) {
    return each.payload_type == info.payload_type;
  });
  if (found == known.end())
    return;
  if (!tones_)
    tones_ = std::make_unique<audio::tone_listener>();
  const auto presses = tones_->hear(info, found->codec, payload);
  for (const auto& heard : presses.all())
    tell(heard);
}

void receiving_leg::tell(const std::optional<digit_pressed>& digit) {
  if (digit && merger_.is_new({digit->digit, digit_source::event, digit->start, digit->end}))
    on_event_(*digit);
}

void receiving_leg::tell(const audio::tone_press& heard) {
  // The telephone-event packets of the same press still come: they will tell.
  if (const auto held = digits_ ? digits_->held() : std::nullopt; held && held->digit == heard.key)
    return;
  const auto lasted = std::chrono::duration_cast<std::chrono::milliseconds>(heard.end - heard.start);
  if (merger_.is_new({heard.key, digit_source::tone, heard.start, heard.end}))
    on_event_(digit_pressed{heard.key, lasted, heard.start, heard.end});
}

void receiving_leg::expire_digit(mono_time now) {
  if (digits_)
    tell(digits_->expire(now));
  if (const auto heard = tones_ ? tones_->expire(now) : std::nullopt)
    tell(*heard);
}

void receiving_leg::count(const audio::rtp_packet& packet, mono_time now) {
  auto micros = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  constexpr std::int64_t per_second = 1'000'000;
  auto arrival = static_cast<std::uint32_t>(micros / per_second * settings_.clock_rate +
                                            micros % per_second * settings_.clock_rate / per_second);
  std::lock_guard lock(mutex_);
  ++statistics_.packets_received;
  figures_.update(packet.ssrc, packet.sequence_number, packet.timestamp, arrival);
}

reception receiving_leg::receive_rtcp(std::span<std::uint8_t> packet, const audio::endpoint& from,
                                      mono_time now, wall_time clock) {
  if (settings_.srtp) {
    auto size = protection_ ? protection_->unprotect_rtcp(packet) : 0;
    if (size == 0)
      return reject(reception::not_authenticated);
    packet = packet.first(size);
  }
  auto compound = rtcp::parse(packet);
  if (!compound)
    return reject(reception::malformed);
  alive(from, now);
  std::lock_guard lock(mutex_);
  for (const auto& report : compound->reports)
    take(report, clock);
  return reception::accepted;
}

/// What counts of a report: its sender's figures when it is whom we hear, what it says of us when it is about
/// the stream that we send.
void receiving_leg::take(const rtcp::report& report, wall_time clock) {
  if (report.sender && report.ssrc == figures_.ssrc()) {
    latest_report_ = report.sender;
    latest_report_arrived_ = rtcp::to_ntp(clock);
  }
  for (const auto& reception : report.receptions)
    if (settings_.our_ssrc != 0 && reception.ssrc == settings_.our_ssrc)
      statistics_.loss_of_ours = reception.fraction_lost;
}

media_statistics receiving_leg::statistics() const {
  std::lock_guard lock(mutex_);
  return statistics_;
}

audio::endpoint receiving_leg::rtcp_destination() const {
  std::lock_guard lock(mutex_);
  return rtcp_destination_;
}

std::optional<audio::reception_report> receiving_leg::take_reception_report(wall_time now) {
  std::lock_guard lock(mutex_);
  auto report = figures_.report();
  if (report && latest_report_)
    rtcp::refer_to(*latest_report_, latest_report_arrived_, rtcp::to_ntp(now), *report);
  return report;
}

} // namespace plenary
