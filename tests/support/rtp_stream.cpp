#include "tests/support/rtp_stream.hpp"

#include "tests/support/tone.hpp"

#include <spandsp.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <numbers>

namespace plenary::test {

namespace {

constexpr std::uint32_t samples_per_packet = 160;
constexpr std::size_t header_size = 12;
constexpr int digit_packet_count = 10;
constexpr std::int64_t longest_gap = 8000 * 20;
constexpr std::chrono::milliseconds noted_pause{40};

void append_big_endian(std::string& bytes, std::uint32_t value, int size) {
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8)
    bytes.push_back(static_cast<char>(value >> shift));
}

std::uint32_t read_big_endian(std::string_view bytes, std::size_t offset) {
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < 4; ++i)
    value = value << 8 | static_cast<std::uint8_t>(bytes[offset + i]);
  return value;
}

} // namespace

struct rtp_tone_source::wide_encoder {
  struct closer {
    void operator()(g722_encode_state_t* state) const { g722_encode_free(state); }
  };
  std::unique_ptr<g722_encode_state_t, closer> state{g722_encode_init(nullptr, 64000, 0)};
};

rtp_tone_source::~rtp_tone_source() = default;

rtp_tone_source::rtp_tone_source(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  ssrc_ = static_cast<std::uint32_t>(random());
  sequence_number_ = static_cast<std::uint16_t>(random());
  timestamp_ = static_cast<std::uint32_t>(random());
}

void rtp_tone_source::set_tone(double hertz, double level) {
  hertz_ = hertz;
  amplitude_ = hertz > 0 ? 32767 * std::pow(10.0, level / 20) : 0;
}

void rtp_tone_source::play(const std::vector<std::int16_t>& sound) {
  waiting_.insert(waiting_.end(), sound.begin(), sound.end());
}

void rtp_tone_source::press(char digit, std::uint8_t payload_type, bool beside) {
  beside_ = beside;
  digit_ = digit;
  digit_payload_type_ = payload_type;
  digit_start_ = timestamp_;
  digit_packets_ = 0;
}

std::vector<std::string> rtp_tone_source::next() {
  std::vector<std::string> packets;
  const bool presses = digit_ != 0;
  if (presses)
    packets = next_digit_packets();
  if (!presses || beside_)
    packets.push_back(next_audio_packet());
  timestamp_ += samples_per_packet;
  return packets;
}

std::string rtp_tone_source::header(std::uint8_t payload_type, bool marker, std::uint32_t timestamp) {
  std::string bytes;
  append_big_endian(bytes, 0x80, 1);
  append_big_endian(bytes, payload_type | (marker ? 0x80U : 0U), 1);
  append_big_endian(bytes, sequence_number_++, 2);
  append_big_endian(bytes, timestamp, 4);
  append_big_endian(bytes, ssrc_, 4);
  return bytes;
}

std::vector<std::string> rtp_tone_source::next_digit_packets() {
  static constexpr std::string_view keys = "0123456789*#ABCD";
  ++digit_packets_;
  const bool is_end = digit_packets_ == digit_packet_count;
  std::vector<std::string> packets;
  for (int copy = 0; copy < (is_end ? 3 : 1); ++copy) {
    auto packet = header(digit_payload_type_, digit_packets_ == 1, digit_start_);
    append_big_endian(packet, static_cast<std::uint32_t>(keys.find(digit_)), 1);
    append_big_endian(packet, (is_end ? 0x80U : 0U) | 10U, 1);
    append_big_endian(packet, static_cast<std::uint32_t>(digit_packets_) * samples_per_packet, 2);
    packets.push_back(std::move(packet));
  }
  if (is_end)
    digit_ = 0;
  return packets;
}

std::int16_t rtp_tone_source::next_sample() {
  if (!waiting_.empty()) {
    const auto sample = waiting_.front();
    waiting_.pop_front();
    return sample;
  }
  const auto sample = static_cast<std::int16_t>(std::lround(amplitude_ * std::sin(phase_)));
  phase_ = std::fmod(phase_ + 2 * std::numbers::pi * hertz_ / sample_rate(), 2 * std::numbers::pi);
  return sample;
}

std::string rtp_tone_source::next_audio_packet() {
  auto packet = header(payload_type_, false, timestamp_);
  if (payload_type_ != 0 && payload_type_ != g722_payload)
    return packet + '\x40'; // a level of -64 dBov
  std::array<std::int16_t, 2 * samples_per_packet> sound{};
  const auto count = static_cast<std::size_t>(sample_rate() / 50);
  std::generate_n(sound.begin(), count, [this] { return next_sample(); });
  if (payload_type_ == 0) {
    std::transform(sound.begin(), sound.begin() + samples_per_packet, std::back_inserter(packet),
                   [](std::int16_t sample) { return static_cast<char>(encode_ulaw(sample)); });
    return packet;
  }
  if (!wide_)
    wide_ = std::make_unique<wide_encoder>();
  std::array<std::uint8_t, 2 * samples_per_packet> bytes{};
  const auto size = g722_encode(wide_->state.get(), bytes.data(), sound.data(), static_cast<int>(count));
  return packet.append(bytes.begin(), bytes.begin() + size);
}

void rtp_recorder::receive(std::string_view datagram) {
  if (datagram.size() < header_size || (static_cast<std::uint8_t>(datagram[0]) & 0xc0) != 0x80)
    return;
  ++counts_.packets;
  counts_.bytes += datagram.size();
  if ((static_cast<std::uint8_t>(datagram[1]) & 0x7f) != 0) {
    ++counts_.other_payload_types;
    return;
  }
  const auto timestamp = read_big_endian(datagram, 4);
  const auto ssrc = read_big_endian(datagram, 8);
  if (!started_ || ssrc != ssrc_) { // a new stream goes on where the old one ended
    ssrc_ = ssrc;
    first_timestamp_ = timestamp - static_cast<std::uint32_t>(samples_.size());
    started_ = true;
  }
  const std::int64_t at = static_cast<std::int32_t>(timestamp - first_timestamp_);
  const auto payload = datagram.substr(header_size);
  if (at < 0 || at > std::ssize(samples_) + longest_gap)
    return;
  const auto position = static_cast<std::size_t>(at);
  if (samples_.size() < position + payload.size())
    samples_.resize(position + payload.size(), 0);
  for (std::size_t i = 0; i < payload.size(); ++i)
    samples_[position + i] = decode_ulaw(static_cast<std::uint8_t>(payload[i]));
}

double packet_level_dbfs(std::string_view datagram) {
  constexpr double nothing = -100;
  if (datagram.size() <= header_size || (static_cast<std::uint8_t>(datagram[1]) & 0x7f) != 0)
    return nothing;
  std::vector<std::int16_t> samples;
  for (const char each : datagram.substr(header_size))
    samples.push_back(decode_ulaw(static_cast<std::uint8_t>(each)));
  return level_dbfs(samples);
}

void silence_meter::restart(time_point now) {
  last_heard_ = now;
  pauses_.clear();
  longest_ = {};
}

void silence_meter::heard(time_point now) {
  longest_ = std::max(longest_, now - last_heard_);
  if (now - last_heard_ > noted_pause)
    pauses_.push_back({last_heard_, now});
  last_heard_ = std::max(last_heard_, now);
}

std::vector<time_span> silence_meter::pauses(time_point now) const {
  auto all = pauses_;
  if (now - last_heard_ > noted_pause)
    all.push_back({last_heard_, now});
  return all;
}

std::chrono::milliseconds silence_meter::longest(time_point now) const {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::max(longest_, now - last_heard_));
}

void impaired_network::put(std::string packet, time_point now) {
  if (std::uniform_real_distribution<>(0, 1)(random_) < conditions_.loss)
    return;
  const std::chrono::duration<double, std::milli> delay(
      std::uniform_real_distribution<>(0, static_cast<double>(conditions_.jitter.count()))(random_));
  held_.emplace(now + std::chrono::duration_cast<std::chrono::steady_clock::duration>(delay),
                std::move(packet));
}

std::vector<std::string> impaired_network::take(time_point now) {
  std::vector<std::string> due;
  const auto end = held_.upper_bound(now);
  for (auto packet = held_.begin(); packet != end; ++packet)
    due.push_back(std::move(packet->second));
  held_.erase(held_.begin(), end);
  return due;
}

} // namespace plenary::test
