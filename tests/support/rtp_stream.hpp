#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace plenary::test {

/// Makes the RTP packets of a talker in PCMU or G.722: a tone, silence, a piece of sound, or telephone-event
/// digits (RFC 4733).
class rtp_tone_source {
public:
  explicit rtp_tone_source(std::uint64_t seed);
  ~rtp_tone_source();
  rtp_tone_source(const rtp_tone_source&) = delete;
  rtp_tone_source& operator=(const rtp_tone_source&) = delete;

  void set_ssrc(std::uint32_t ssrc) { ssrc_ = ssrc; }
  /// Of the audio: 0 is PCMU, 9 is G.722; 13 is comfort noise (RFC 3389) and goes out as one byte.
  void set_payload_type(std::uint8_t payload_type) { payload_type_ = payload_type; }
  /// 0 Hz is silence.
  void set_tone(double hertz, double level_dbfs);
  /// Samples a second of what `play` takes.
  int sample_rate() const { return payload_type_ == g722_payload ? 16000 : 8000; }
  /// This sound takes the place of the tone until it ends; sound that still waits goes first.
  void play(const std::vector<std::int16_t>& sound);
  /// True when all of what `play` took has been sent.
  bool has_played() const { return waiting_.empty(); }
  /// The digit takes the place of the audio for the next 200 ms, or (`beside`) goes out together with it.
  void press(char digit, std::uint8_t payload_type, bool beside = false);
  /// What goes out in the next 20 ms: one packet, or three at the end of a digit.
  std::vector<std::string> next();

private:
  std::string header(std::uint8_t payload_type, bool marker, std::uint32_t timestamp);
  std::vector<std::string> next_digit_packets();
  std::string next_audio_packet();
  std::int16_t next_sample();

  static constexpr std::uint8_t g722_payload = 9;

  struct wide_encoder;
  std::unique_ptr<wide_encoder> wide_; ///< made for the first packet of G.722
  std::deque<std::int16_t> waiting_;
  std::uint32_t ssrc_;
  std::uint8_t payload_type_ = 0;
  std::uint16_t sequence_number_;
  std::uint32_t timestamp_;
  double phase_ = 0;
  double hertz_ = 0;
  double amplitude_ = 0;
  char digit_ = 0;
  bool beside_ = false;
  std::uint8_t digit_payload_type_ = 0;
  std::uint32_t digit_start_ = 0;
  int digit_packets_ = 0;
};

/// Puts received PCMU packets on their RTP time line; gaps are silence.
class rtp_recorder {
public:
  struct statistics {
    std::uint64_t packets = 0;
    std::uint64_t other_payload_types = 0;
    std::uint64_t bytes = 0;
  };

  /// Takes one datagram from the media socket.
  void receive(std::string_view datagram);
  const std::vector<std::int16_t>& samples() const { return samples_; }
  const statistics& counts() const { return counts_; }

private:
  std::vector<std::int16_t> samples_;
  bool started_ = false;
  std::uint32_t ssrc_ = 0;
  std::uint32_t first_timestamp_ = 0;
  statistics counts_;
};

/// Level of one PCMU packet's audio in dBFS; far below any tone for what is none.
double packet_level_dbfs(std::string_view datagram);

/// A stretch of time.
struct time_span {
  std::chrono::steady_clock::time_point from;
  std::chrono::steady_clock::time_point to;
};

/// Measures how long a listener hears nothing at a time.
class silence_meter {
public:
  using time_point = std::chrono::steady_clock::time_point;

  /// Measures from now on; what was before is forgotten.
  void restart(time_point now);
  /// Something audible came in.
  void heard(time_point now);
  /// The longest silence since the restart; the one that still lasts counts too.
  std::chrono::milliseconds longest(time_point now) const;
  /// Every silence of more than 40 ms since the restart, in order; the one that still lasts is the last.
  std::vector<time_span> pauses(time_point now) const;

private:
  time_point last_heard_{};
  std::vector<time_span> pauses_;
  std::chrono::steady_clock::duration longest_{};
};

/// What the network does to a stream of packets; the same seed does the same.
struct network_conditions {
  double loss = 0;                     ///< probability, 0 to 1
  std::chrono::milliseconds jitter{0}; ///< each packet is held back for 0 to this long
  std::uint64_t seed = 1;
};

/// Loses and holds back packets.
class impaired_network {
public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit impaired_network(network_conditions conditions)
      : conditions_(conditions)
      , random_(conditions.seed) {}

  void put(std::string packet, time_point now);
  /// Packets whose time has come.
  std::vector<std::string> take(time_point now);

private:
  network_conditions conditions_;
  std::mt19937_64 random_;
  std::multimap<time_point, std::string> held_;
};

} // namespace plenary::test
