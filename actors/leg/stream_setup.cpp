#include "actors/leg/stream_setup.hpp"

#include "actors/audio/tone_listener.hpp"

#include <openssl/rand.h>

#include <algorithm>

namespace plenary {

namespace {

using audio::srtp_session;

template <class T>
T random_number() {
  T number{};
  PLENARY_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&number), sizeof number) == 1);
  return number;
}

result<std::unique_ptr<srtp_session>> protection_of(const sdp::negotiated& agreed) {
  if (!agreed.outbound)
    return std::unique_ptr<srtp_session>{};
  return srtp_session::make(*agreed.outbound, srtp_session::direction::outbound);
}

bool can_hear(const sdp::negotiated& agreed) {
  return sdp::sends(agreed.way) && !agreed.held && !agreed.receivable.empty();
}

audio::stream_change::destination destination_of(const audio::endpoint& remote, const sdp::negotiated& agreed,
                                                 audio::port_index port) {
  return {remote, port, agreed.send_payload_type, audio::rtp_clock_rate(agreed.send_as.codec)};
}

/// Every payload type that goes to the jitter buffer.
std::vector<audio::receivable_payload> payloads_of(const sdp::negotiated& agreed) {
  auto payloads = agreed.receivable;
  if (agreed.comfort_noise)
    payloads.push_back({*agreed.comfort_noise, audio::codec_kind::pcmu, true});
  return payloads;
}

bool same_payloads(const sdp::negotiated& a, const sdp::negotiated& b) {
  return a.comfort_noise == b.comfort_noise &&
         std::equal(a.receivable.begin(), a.receivable.end(), b.receivable.begin(), b.receivable.end(),
                    [](const auto& one, const auto& other) {
                      return one.payload_type == other.payload_type && one.codec == other.codec;
                    });
}

} // namespace

std::vector<audio::srtp_keys> make_srtp_keys() {
  std::vector<audio::srtp_keys> all;
  for (auto suite : {audio::crypto_suite::aead_aes_128_gcm, audio::crypto_suite::aes_cm_128_hmac_sha1_80}) {
    audio::srtp_keys keys{suite, std::vector<std::uint8_t>(audio::key_and_salt_size(suite))};
    PLENARY_ASSERT(RAND_bytes(keys.key_and_salt.data(), static_cast<int>(keys.key_and_salt.size())) == 1);
    all.push_back(std::move(keys));
  }
  return all;
}

bool can_speak(const sdp::negotiated& agreed) {
  return sdp::receives(agreed.way) && !agreed.held && !agreed.receivable.empty();
}

sdp::negotiated without_stream(sdp::negotiated before, sdp::session next) {
  before.next = std::move(next);
  before.way = sdp::direction::inactive;
  before.held = true;
  return before;
}

std::uint64_t make_session_id() {
  return random_number<std::uint64_t>() >> 2U;
}

receive_settings receive_settings_of(const sdp::negotiated& agreed) {
  receive_settings settings;
  settings.expected_source = agreed.remote;
  settings.expected_rtcp = agreed.remote_rtcp;
  settings.clock_rate = audio::rtp_clock_rate(agreed.send_as.codec);
  for (const auto& payload : payloads_of(agreed))
    settings.audio_payload_types.push_back(payload.payload_type);
  if (agreed.telephone_event) {
    settings.telephone_event = agreed.telephone_event->payload_type;
    settings.telephone_event_clock_rate = agreed.telephone_event->clock_rate;
  }
  for (const auto& payload : agreed.receivable)
    if (audio::tone_listener::understands(payload.codec))
      settings.tone_payloads.push_back(payload);
  settings.level_extension = agreed.level_extension;
  settings.srtp = agreed.inbound;
  return settings;
}

result<audio::duplex_stream> make_stream(const sdp::negotiated& agreed,
                                         std::shared_ptr<audio::packet_ring> ring, audio::port_index port,
                                         const audio::jitter_limits& limits) {
  auto receive = audio::receive_stream::make(std::move(ring), payloads_of(agreed), limits);
  if (!receive)
    return tl::unexpected<error>(receive.error());
  auto protection = protection_of(agreed);
  if (!protection)
    return tl::unexpected<error>(protection.error());
  audio::send_settings settings{.ssrc = random_number<std::uint32_t>(),
                                .first_sequence_number = random_number<std::uint16_t>(),
                                .first_timestamp = random_number<std::uint32_t>(),
                                .payload_type = agreed.send_payload_type,
                                .clock_rate = audio::rtp_clock_rate(agreed.send_as.codec),
                                .remote = agreed.remote,
                                .port = port};
  return audio::duplex_stream{.receive = std::move(*receive),
                              .send = std::make_unique<audio::rtp_sender>(settings, std::move(*protection)),
                              .format = agreed.send_as,
                              .can_speak = can_speak(agreed),
                              .can_hear = can_hear(agreed)};
}

result<audio::stream_change> change_between(const sdp::negotiated& before, const sdp::negotiated& after,
                                            std::shared_ptr<audio::packet_ring> ring, audio::port_index port,
                                            const audio::jitter_limits& limits) {
  audio::stream_change change;
  if (!same_payloads(before, after)) {
    auto receive = audio::receive_stream::make(std::move(ring), payloads_of(after), limits);
    if (!receive)
      return tl::unexpected<error>(receive.error());
    change.receive = std::move(*receive);
  }
  // An unchanged address leaves a latched one in force.
  if (before.remote != after.remote || before.send_payload_type != after.send_payload_type ||
      before.send_as.codec != after.send_as.codec)
    change.send_to = destination_of(after.remote, after, port);
  if (before.outbound != after.outbound) {
    auto protection = protection_of(after);
    if (!protection)
      return tl::unexpected<error>(protection.error());
    change.keys = audio::stream_change::new_keys{std::move(*protection)};
  }
  change.format = after.send_as;
  change.can_speak = can_speak(after);
  change.can_hear = can_hear(after);
  return change;
}

audio::stream_change redirect_to(const audio::endpoint& remote, const sdp::negotiated& agreed,
                                 audio::port_index port) {
  audio::stream_change change;
  change.send_to = destination_of(remote, agreed, port);
  return change;
}

int expected_loss_for(std::uint8_t fraction_lost) {
  constexpr int whole = 256;
  int per_cent = fraction_lost * 100 / whole;
  if (per_cent < 3)
    return 0;
  return per_cent < 12 ? 10 : per_cent < 22 ? 20 : 30;
}

} // namespace plenary
