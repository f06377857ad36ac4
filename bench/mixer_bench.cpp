// How much more than its codecs a room costs, and what a silent member costs. Method and results:
// bench/README.md.
#include "actors/audio/level.hpp"
#include "actors/audio/limiter.hpp"
#include "actors/audio/mix_minus.hpp"
#include "actors/audio/mixer.hpp"
#include "actors/audio/rtp_sender.hpp"
#include "tests/audio/tone.hpp"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

namespace plenary::audio {
namespace {

constexpr int complexity = 5;
constexpr int places = 5;
constexpr int warm_up_ticks = 60;
constexpr int measured_ticks = 400;
constexpr std::size_t recorded_packets = 250;

using packet = std::vector<std::uint8_t>;

double thread_cpu_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

template <class Work>
double timed(Work&& work) {
  const double start = thread_cpu_microseconds();
  work();
  return thread_cpu_microseconds() - start;
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

encoding sound_format() {
  encoding format;
  format.dtx = false;
  return format;
}

/// The background of a line, -55 dBov.
class line_noise {
public:
  explicit line_noise(unsigned seed)
      : random_(seed) {}

  frame next() {
    std::normal_distribution<double> normal{0, 58};
    frame pcm;
    for (auto& sample : pcm)
      sample = static_cast<std::int16_t>(std::lrint(normal(random_)));
    return pcm;
  }

private:
  std::mt19937 random_;
};

template <class Voice>
std::vector<packet> record(Voice voice) {
  auto codec = make_encoder(sound_format(), complexity).value();
  std::vector<packet> packets;
  packet buffer(max_encoded_bytes);
  for (std::size_t i = 0; i < recorded_packets; ++i) {
    const auto size = codec->encode(voice.next(), buffer);
    packets.emplace_back(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(size));
  }
  return packets;
}

std::vector<packet> record_speech(unsigned seed) {
  return record(speech{seed});
}

/// A leg that plays recorded Opus packets, or, without packets, one in DTX.
class recorded_leg final : public frame_source {
public:
  explicit recorded_leg(const std::vector<packet>* packets)
      : packets_(packets)
      , decoder_(packets != nullptr ? make_decoder(codec_kind::opus).value() : nullptr) {}

  preview advance(mono_time) override {
    if (packets_ == nullptr)
      return {};
    next_ = (next_ + 1) % packets_->size();
    const auto& sent = (*packets_)[next_];
    return {true, false, std::nullopt, static_cast<std::uint16_t>(sent.size()), decoder_->voice(sent)};
  }

  void decode(frame& out) override {
    if (!decoder_->decode((*packets_)[next_], out))
      out.fill(0);
  }

private:
  const std::vector<packet>* packets_;
  std::unique_ptr<decoder> decoder_;
  std::size_t next_ = 0;
};

/// The work that no mixer can avoid: decode each talker; encode each talker's own mix and the shared one.
class codec_floor {
public:
  explicit codec_floor(const std::vector<std::vector<packet>>& talkers) {
    for (const auto& packets : talkers)
      legs_.push_back(std::make_unique<recorded_leg>(&packets));
    // A lone talker hears silence, which nobody needs to encode.
    const auto encoders = talkers.size() > 1 ? talkers.size() + 1 : talkers.size();
    for (std::size_t i = 0; i < encoders; ++i)
      encoders_.push_back(make_encoder(sound_format(), complexity).value());
    decoded_.resize(talkers.size());
    mixes_.resize(encoders);
  }

  double tick() {
    for (auto& leg : legs_)
      leg->advance({});
    double spent = timed([this] {
      for (std::size_t i = 0; i < legs_.size(); ++i)
        legs_[i]->decode(decoded_[i]);
    });
    prepare_mixes();
    spent += timed([this] {
      for (std::size_t i = 0; i < encoders_.size(); ++i)
        encoders_[i]->encode(mixes_[i], payload_);
    });
    return spent;
  }

private:
  void prepare_mixes() {
    wide_frame sum{};
    for (const auto& each : decoded_)
      add(sum, each);
    for (std::size_t i = 0; i < mixes_.size(); ++i) {
      wide_frame mix = sum;
      if (i > 0)
        subtract(sum, decoded_[i - 1], mix);
      limiter{}.process(mix, mixes_[i]);
    }
  }

  std::vector<std::unique_ptr<recorded_leg>> legs_;
  std::vector<std::unique_ptr<encoder>> encoders_;
  std::vector<frame> decoded_;
  std::vector<frame> mixes_;
  packet payload_ = packet(max_encoded_bytes);
};

std::unique_ptr<srtp_session> make_protection(std::optional<crypto_suite> suite) {
  if (!suite)
    return nullptr;
  const std::vector<std::uint8_t> key(key_and_salt_size(*suite), 7);
  return srtp_session::make({*suite, key}, srtp_session::direction::outbound).value();
}

/// A room with talkers and silent members, all of them with the sender that a leg really uses.
class bench_room {
public:
  bench_room(std::size_t members, const std::vector<std::vector<packet>>& talkers,
             std::optional<crypto_suite> suite, const std::vector<packet>* others = nullptr,
             bool suppression = false)
      : mixer_({.loudest = places,
                .opus_complexity = complexity,
                .max_participants = 10000,
                .noise_suppression = suppression,
                .levelling = true,
                .comfort_noise = true}) {
    batch_.reserve(members, suite ? members : 0);
    for (std::size_t i = 0; i < members; ++i) {
      legs_.push_back(std::make_unique<recorded_leg>(i < talkers.size() ? &talkers[i] : others));
      send_settings settings;
      settings.ssrc = static_cast<std::uint32_t>(i + 1);
      settings.payload_type = 111;
      settings.remote = make_endpoint("127.0.0.1", 4000).value();
      senders_.push_back(std::make_unique<rtp_sender>(settings, make_protection(suite)));
      senders_.back()->attach(&batch_);
      mixer_.add({legs_.back().get(), senders_.back().get(), encoding{}, false}).value();
    }
  }

  double tick() {
    const double spent = timed([this] { mixer_.tick(mono_time{}, number_); });
    ++number_;
    batch_.clear();
    return spent;
  }

private:
  packet_batch batch_;
  std::vector<std::unique_ptr<recorded_leg>> legs_;
  std::vector<std::unique_ptr<rtp_sender>> senders_;
  mixer mixer_;
  std::uint64_t number_ = 0;
};

void compare_with_floor(std::size_t members, const std::vector<std::vector<packet>>& talkers,
                        const std::vector<packet>* others = nullptr) {
  bench_room room{members, talkers, std::nullopt, others};
  // Whoever finds a place is mixed, background too.
  auto mixed = talkers;
  while (others != nullptr && mixed.size() < static_cast<std::size_t>(places))
    mixed.push_back(*others);
  codec_floor floor{mixed};
  std::vector<double> ticks;
  std::vector<double> floors;
  for (int i = 0; i < warm_up_ticks + measured_ticks; ++i) {
    // Tick and floor take turns at being first, so that neither profits from warm caches.
    const bool floor_first = i % 2 == 0;
    const double before = floor_first ? floor.tick() : 0;
    const double tick = room.tick();
    const double spent = floor_first ? before : floor.tick();
    if (i < warm_up_ticks)
      continue;
    ticks.push_back(tick);
    floors.push_back(spent);
  }
  const double tick = median(ticks);
  const double unavoidable = median(floors);
  fmt::print("| {:>7} | {:>7} | {:>6} | {:>7.1f} | {:>8.1f} | {:>10} |\n", members, talkers.size(),
             others != nullptr ? "noise" : "DTX", tick, unavoidable,
             mixed.empty() ? "-" : fmt::format("{:.2f}", tick / unavoidable));
}

/// What one more silent member adds to a tick: two rooms that differ only in members, tick by tick.
double silent_member_cost(std::size_t members, const std::vector<std::vector<packet>>& talkers,
                          std::optional<crypto_suite> suite) {
  const std::size_t few = 10;
  bench_room large{members, talkers, suite};
  bench_room small{few, talkers, suite};
  std::vector<double> differences;
  for (int i = 0; i < warm_up_ticks + measured_ticks; ++i) {
    const double difference = large.tick() - small.tick();
    if (i >= warm_up_ticks)
      differences.push_back(difference);
  }
  return median(differences) / static_cast<double>(members - few);
}

/// What noise suppression adds to a tick: two rooms that differ only in it, tick by tick.
double suppression_cost(const std::vector<std::vector<packet>>& talkers) {
  const std::size_t members = 100;
  bench_room with{members, talkers, std::nullopt, nullptr, true};
  bench_room without{members, talkers, std::nullopt};
  std::vector<double> differences;
  for (int i = 0; i < warm_up_ticks + measured_ticks; ++i) {
    const double difference = with.tick() - without.tick();
    if (i >= warm_up_ticks)
      differences.push_back(difference);
  }
  return median(differences);
}

void print_member_costs(const char* name, std::optional<crypto_suite> suite,
                        const std::vector<std::vector<packet>>& one_talker) {
  fmt::print("| {:<23} | {:>12.2f} | {:>13.2f} | {:>11.2f} |\n", name,
             silent_member_cost(100, one_talker, suite), silent_member_cost(1000, one_talker, suite),
             silent_member_cost(1000, {}, suite));
}

void run() {
  fmt::print("| members | talkers | others | tick us | floor us | tick/floor |\n"
             "| --- | --- | --- | --- | --- | --- |\n");
  const auto noise = record(line_noise{9});
  for (const std::size_t members : {100, 1000})
    for (const auto* others : {static_cast<const std::vector<packet>*>(nullptr), &noise})
      for (const unsigned talkers : {0U, 1U, 2U, 5U}) {
        std::vector<std::vector<packet>> voices;
        for (unsigned i = 0; i < talkers; ++i)
          voices.push_back(record_speech(i + 1));
        compare_with_floor(members, voices, others);
      }
  std::vector<std::vector<packet>> two_talkers{record_speech(1), record_speech(2)};
  fmt::print("\nnoise suppression adds {:.1f} us to a tick of 100 members with two talkers\n",
             suppression_cost(two_talkers));
  fmt::print("\n| us per silent member    | 100, 1 talks | 1000, 1 talks | 1000, quiet |\n| --- | --- | --- "
             "| --- |\n");
  const std::vector<std::vector<packet>> one_talker{record_speech(1)};
  print_member_costs("plain RTP", std::nullopt, one_talker);
  print_member_costs("AEAD_AES_128_GCM", crypto_suite::aead_aes_128_gcm, one_talker);
  print_member_costs("AES_CM_128_HMAC_SHA1_80", crypto_suite::aes_cm_128_hmac_sha1_80, one_talker);
}

} // namespace
} // namespace plenary::audio

int main() {
  plenary::audio::run();
}
