#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace plenary::audio {

/// Finds the tones of telephone keys (ITU-T Q.23) in sound at 8 kHz: 1.8 % beside their frequencies
/// pass, 2.5 % do not (ITU-T Q.24: 1.5 and 3.5 %), from -36 dBm0 and 32 ms on, with 15 dB of noise and with a
/// dial tone beside. Rows and columns may differ by 8 dB (ITU-T Q.24). Knows a tone 26 to 32 ms after its
/// beginning. Fixed memory, no allocation.
///
///            three windows of 12.75 ms in a row, 6.4 ms apart, with the tones of one key
///   [idle] ------------------------------------------------------------------------------> [tone]
///          <------------------------------------------------------------------------------
///            25 ms without them, or another key: the press has ended
class tone_detector {
public:
  static constexpr int rate = 8000;

  /// One press of a key; sample numbers count from the detector's beginning.
  struct press {
    char key = '0'; ///< 0-9, `*`, `#`, A-D
    std::int64_t start = 0;
    std::int64_t end = 0;
  };

  /// What the latest process() found.
  struct finding {
    std::optional<press> ended; ///< a press has come to its end; at most one in 25 ms
    std::int64_t tone_from = 0; ///< samples that are a tone: [from, to); may lie before those given
    std::int64_t tone_to = 0;
    bool begun = false; ///< a press was recognised
  };

  /// Takes samples that follow those before without a gap: at most `most_samples`.
  finding process(std::span<const std::int16_t> pcm);
  static constexpr std::size_t most_samples = 160;

  /// Samples were lost: the clock goes on without them, an unfinished press too.
  void skip(std::size_t samples);

  /// What is under way ends here; the press, if there was one.
  std::optional<press> stop();

  /// True when nothing of a tone is under way: quiet sound need not be given.
  bool is_idle() const { return key_ < 0 && hits_ == 0; }

  /// Samples given or skipped so far.
  std::int64_t clock() const { return clock_; }

private:
  static constexpr std::size_t tone_count = 8; ///< four rows, then four columns
  static constexpr std::size_t half_samples = 51;

  /// Half a window: its spectrum at the eight tones, relative to its own beginning.
  struct half {
    std::array<float, tone_count> real{};
    std::array<float, tone_count> imaginary{};
    float energy = 0; ///< sum of squares, without the frequencies of dial tones
  };
  /// Two halves that follow one another.
  struct window {
    std::array<float, tone_count> real{};
    std::array<float, tone_count> imaginary{};
    std::array<float, tone_count> power{}; ///< mean square of a sine of that frequency
    float mean_square = 0;
  };

  bool fits(const std::array<float, 2>& hz) const;
  float without_dial_tone(float sample);
  half analyse() const;
  void end_half(finding& found);
  window join(const half& first, const half& second) const;
  int hit_in(const window& seen) const;
  bool is_key(int key) const;
  bool goes_on(const window& seen) const;
  void follow(const window& seen, finding& found);
  void begin(int key, finding& found);
  void cover(std::int64_t from, std::int64_t to, finding& found) const;
  press finished() const;

  /// The half that is being filled, behind the latest three.
  std::array<float, 4 * half_samples> samples_{};
  std::size_t filled_ = 0;
  std::array<std::array<float, 2>, 2> notches_{};
  std::array<half, 4> halves_{}; ///< the latest last
  std::array<window, 3> windows_{};
  int valid_halves_ = 0; ///< in a row without a gap
  int candidate_ = -1;   ///< key of the latest hits
  int hits_ = 0;         ///< windows in a row
  int key_ = -1;         ///< of the press under way
  int misses_ = 0;       ///< windows in a row without it
  bool sounding_ = false;
  float level_ = 0; ///< of the press, mean square
  std::int64_t start_ = 0;
  std::int64_t end_ = 0;
  std::int64_t clock_ = 0;
};

} // namespace plenary::audio
