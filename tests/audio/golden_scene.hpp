#pragma once

#include "actors/audio/stage.hpp"
#include "tests/audio/tone_packets.hpp"

#include <map>
#include <stdexcept>
#include <string>

namespace plenary::audio {

/// Sound in stretches of a second, silence between them: a caller of a scene.
class turns {
public:
  /// Speaks in the seconds whose bits are set in `when`.
  turns(unsigned seed, std::uint32_t when)
      : voice_(seed)
      , when_(when) {}

  frame next() {
    const auto second = count_++ / 50 % 32;
    auto pcm = voice_.next();
    if ((when_ >> second & 1U) == 0)
      pcm.fill(0);
    return pcm;
  }

private:
  speech voice_;
  std::uint32_t when_;
  unsigned count_ = 0;
};

/// A room as a node has it: streams that receive what a simulated network brings, senders with and without
/// SRTP, and the stage that they are lent to. Remembers a hash of every packet that it sent.
class golden_scene {
public:
  explicit golden_scene(const mixer_config& config)
      : stage_(config) {}

  /// How a caller of a scene sends, hears and speaks.
  struct caller {
    encoding format;                        ///< that it hears
    codec_kind speaks = codec_kind::opus;   ///< that it sends
    std::uint32_t when = 0;                 ///< seconds after its coming in which it speaks
    double loss = 0;                        ///< of its packets
    milliseconds jitter{0};                 ///< of its packets
    std::optional<crypto_suite> suite = {}; ///< that it is sent under
  };

  void join(const std::string& name, const caller& how) {
    auto& who = people_[name];
    const auto seed = static_cast<unsigned>(++joined_);
    const encoding sent{.codec = how.speaks, .bitrate = how.speaks == codec_kind::opus ? 24000 : 0};
    who.packets = packets_of(turns{seed, how.when}, sent, 600, payload_type_of(how.speaks));
    disturb(who.packets, how.jitter, how.loss, seed);
    std::stable_sort(who.packets.begin(), who.packets.end(),
                     [](const auto& a, const auto& b) { return a.info.arrival < b.info.arrival; });
    who.came = due_ - simulation_start;
    const std::vector<receivable_payload> payloads{
        {96, codec_kind::opus}, {0, codec_kind::pcmu}, {8, codec_kind::pcma}, {9, codec_kind::g722}};
    auto stream = std::make_shared<duplex_stream>();
    stream->receive = receive_stream::make(who.ring, payloads, {}).value();
    stream->send = std::make_unique<rtp_sender>(settings_of(seed, how.format), protection_of(how.suite));
    stream->format = how.format;
    who.slot = stage_.add(std::move(stream), seed, who.how).value();
  }

  void leave(const std::string& name) {
    stage_.remove(people_.at(name).slot);
    people_.erase(name);
  }

  void mute(const std::string& name, bool muted) {
    people_.at(name).how.muted = muted;
    update(name);
  }

  void set_level(const std::string& name, const level_setting& level) {
    people_.at(name).how.level = level;
    update(name);
  }

  /// As a new offer of the caller does.
  void change(const std::string& name, stream_change&& what) {
    if (!stage_.change(people_.at(name).slot, std::move(what)))
      throw std::runtime_error("the change does not fit");
  }

  void run(int count) {
    for (int i = 0; i < count; ++i) {
      for (auto& [name, who] : people_)
        deliver(who);
      ticks = true;
      const auto report = stage_.tick(due_, number_);
      figures_ += stage_.figures_due(number_).size();
      ticks = false;
      for (const auto value : {report.decoded, report.concealed, report.encoded, report.sent})
        take(value);
      take_batch();
      due_ += frame_duration;
      ++number_;
    }
  }

  /// FNV-1a over the reports and packets of all ticks so far.
  std::uint64_t hash() const { return hash_; }
  std::size_t packets() const { return packets_; }
  std::size_t figures() const { return figures_; }

  /// True while the stage works on a tick, for who watches what it does then.
  static inline bool ticks = false;

private:
  struct person {
    std::shared_ptr<packet_ring> ring = std::make_shared<packet_ring>();
    std::vector<scheduled> packets;
    std::size_t next = 0;
    nanoseconds came{0};
    participation how;
    participant_slot slot = 0;
  };

  static send_settings settings_of(unsigned seed, const encoding& format) {
    send_settings settings;
    settings.ssrc = 1000 + seed;
    settings.first_sequence_number = static_cast<std::uint16_t>(65000 + seed);
    settings.first_timestamp = 0xffff0000U + seed;
    settings.payload_type = payload_type_of(format.codec);
    settings.clock_rate = rtp_clock_rate(format.codec);
    settings.remote = make_endpoint("127.0.0.1", static_cast<std::uint16_t>(4000 + 2 * seed)).value();
    return settings;
  }

  static std::unique_ptr<srtp_session> protection_of(std::optional<crypto_suite> suite) {
    if (!suite)
      return nullptr;
    const std::vector<std::uint8_t> key(key_and_salt_size(*suite), 7);
    return srtp_session::make({*suite, key}, srtp_session::direction::outbound).value();
  }

  void update(const std::string& name) {
    auto& who = people_.at(name);
    if (!stage_.change(who.slot, who.how))
      throw std::runtime_error("the change does not fit");
  }

  void deliver(person& who) const {
    for (; who.next < who.packets.size() && who.packets[who.next].info.arrival + who.came <= due_;
         ++who.next) {
      auto info = who.packets[who.next].info;
      info.arrival += who.came;
      who.ring->push(info, who.packets[who.next].payload);
    }
  }

  void take_batch() {
    for (const auto& each : stage_.batch().entries()) {
      take(each.to.port);
      if (!each.whole)
        take(each.header);
      take(each.payload);
      ++packets_;
    }
    stage_.batch().clear();
  }

  void take(std::span<const std::uint8_t> bytes) {
    for (const auto byte : bytes)
      hash_ = (hash_ ^ byte) * 0x100000001b3;
  }

  void take(std::uint32_t value) {
    const std::array<std::uint8_t, 4> bytes{
        static_cast<std::uint8_t>(value >> 24), static_cast<std::uint8_t>(value >> 16),
        static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
    take(bytes);
  }

  stage stage_;
  std::map<std::string, person> people_;
  std::size_t joined_ = 0;
  mono_time due_ = simulation_start;
  std::uint64_t number_ = 5000;
  std::uint64_t hash_ = 0xcbf29ce484222325;
  std::size_t packets_ = 0;
  std::size_t figures_ = 0;
};

} // namespace plenary::audio
