#include "actors/audio/tone_detector.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

namespace plenary::audio {

namespace {

constexpr std::string_view keys = "123A456B789C*0#D"; // by row, then column (ITU-T Q.23)
constexpr std::array<float, 8> tone_hz{697, 770, 852, 941, 1209, 1336, 1477, 1633};
constexpr std::size_t rows = 4;
constexpr std::size_t half_length = 51;
constexpr float window_length = 2 * half_length;
constexpr float window_hz = tone_detector::rate / window_length;

// 16-bit samples: 0 dBm0 is a sine of 3.14 dB below 32124 (ITU-T G.711). A tone of -36 dBm0 beside one that
// is 8 dB louder, with 3 dB to spare where a window begins before the tone.
constexpr float least_power = 14000; // -43 dBm0
// What windows leak of the louder tone blurs the other's level: the exact one is looked at last.
constexpr float most_twist_of_windows = 16;
constexpr double most_twist = 10;          // 10 dB
constexpr float least_over_neighbours = 4; // 6 dB over the other tones of its group
constexpr float least_share = 0.58F;       // of a window's energy: two tones that are off by 1.8 %
// Energy beside the two tones: noise of 15 dB is 0.03. In 80 minutes of speech in eight languages, 324 voices
// and pitches by espeak-ng, no frame that passed the tests before had less than 0.10.
constexpr double most_rest = 0.06;
// An octave between a row and a column (ratio of keys: 1.917 at most) needs 2.1 % of both.
constexpr float most_off = 0.020F;
constexpr float most_change = 4.5F; // from the first to the third window, which may begin before the tone
constexpr int windows_of_a_press = 3;

constexpr float share_that_goes_on = 0.5F;
constexpr float level_that_goes_on = 0.06F;
constexpr int misses_until_end = 4; // 25 ms: gaps of 40 ms always end a press, gaps of 10 ms never do

// Dial tones (ITU-T E.180: 350 to 480 Hz) are no part of the energy that two tones are held against.
constexpr std::array<float, 2> notch_hz{350, 435};
constexpr float notch_radius = 0.94F;

struct tables {
  tables() {
    for (std::size_t tone = 0; tone < tone_hz.size(); ++tone) {
      const double step = 2 * std::numbers::pi * tone_hz[tone] / tone_detector::rate;
      for (std::size_t i = 0; i < half_length; ++i) {
        cosine[i][tone] = static_cast<float>(std::cos(step * static_cast<double>(i)));
        sine[i][tone] = static_cast<float>(-std::sin(step * static_cast<double>(i)));
      }
      turn_real[tone] = static_cast<float>(std::cos(step * half_length));
      turn_imaginary[tone] = static_cast<float>(-std::sin(step * half_length));
    }
    for (std::size_t i = 0; i < notch_hz.size(); ++i)
      notch_cosine[i] =
          static_cast<float>(2 * std::cos(2 * std::numbers::pi * notch_hz[i] / tone_detector::rate));
  }

  std::array<std::array<float, tone_hz.size()>, half_length> cosine{};
  std::array<std::array<float, tone_hz.size()>, half_length> sine{};
  std::array<float, tone_hz.size()> turn_real{}; ///< what half a window turns each tone by
  std::array<float, tone_hz.size()> turn_imaginary{};
  std::array<float, notch_hz.size()> notch_cosine{};
};

const tables& table() {
  static const tables made;
  return made;
}

/// How far a tone is off, in Hz: by what its phase has moved from one window to the one a whole window later.
float offset_hz(float real_a, float imaginary_a, float real_b, float imaginary_b, float hz) {
  const float real = real_a * real_b + imaginary_a * imaginary_b;
  const float imaginary = real_a * imaginary_b - imaginary_a * real_b;
  const float expected = 2 * std::numbers::pi_v<float> * hz / window_hz;
  const float moved = std::remainder(std::atan2(imaginary, real) - expected, 2 * std::numbers::pi_v<float>);
  return moved * window_hz / (2 * std::numbers::pi_v<float>);
}

/// The least squares of four waves to a sound.
class normal_equations {
public:
  void add(const std::array<double, 4>& wave, double sample) {
    for (std::size_t row = 0; row < wave.size(); ++row) {
      for (std::size_t column = 0; column < wave.size(); ++column)
        rows_[row][column] += wave[row] * wave[column];
      rows_[row].back() += wave[row] * sample;
    }
  }

  /// The amplitudes that fit best. Sines of different frequencies over some periods: no pivot is near 0.
  std::array<double, 4> solve() const {
    auto left = rows_;
    for (std::size_t pivot = 0; pivot < left.size(); ++pivot)
      for (std::size_t row = 0; row < left.size(); ++row) {
        const double factor = row == pivot ? 0 : left[row][pivot] / left[pivot][pivot];
        for (std::size_t column = pivot; column < left[row].size(); ++column)
          left[row][column] -= factor * left[pivot][column];
      }
    std::array<double, 4> amplitudes{};
    for (std::size_t row = 0; row < left.size(); ++row)
      amplitudes[row] = left[row].back() / left[row][row];
    return amplitudes;
  }

  /// The energy that waves of these amplitudes explain.
  double explained(const std::array<double, 4>& amplitudes) const {
    double energy = 0;
    for (std::size_t row = 0; row < amplitudes.size(); ++row)
      energy += amplitudes[row] * rows_[row].back();
    return energy;
  }

private:
  std::array<std::array<double, 5>, 4> rows_{};
};

} // namespace

tone_detector::finding tone_detector::process(std::span<const std::int16_t> pcm) {
  finding found;
  for (const auto sample : pcm) {
    samples_[3 * half_samples + filled_++] = without_dial_tone(static_cast<float>(sample));
    ++clock_;
    if (filled_ == half_samples) {
      end_half(found);
      std::move(samples_.begin() + half_samples, samples_.end(), samples_.begin());
    }
  }
  // What follows the latest whole half is most likely as it was.
  if (key_ >= 0 && sounding_)
    cover(clock_ - static_cast<std::int64_t>(filled_), clock_, found);
  return found;
}

void tone_detector::skip(std::size_t samples) {
  clock_ += static_cast<std::int64_t>(samples);
  filled_ = 0;
  valid_halves_ = 0;
  hits_ = 0;
  notches_ = {};
  if (key_ < 0)
    return;
  misses_ += static_cast<int>(samples / half_samples) - 2; // the tone may have gone on for as long
  misses_ = std::max(misses_, 0);
}

std::optional<tone_detector::press> tone_detector::stop() {
  std::optional<press> ended;
  if (key_ >= 0)
    ended = finished();
  key_ = -1;
  hits_ = valid_halves_ = 0;
  filled_ = 0;
  sounding_ = false;
  return ended;
}

tone_detector::press tone_detector::finished() const {
  return {keys[static_cast<std::size_t>(key_)], start_, std::max(start_, end_)};
}

float tone_detector::without_dial_tone(float sample) {
  constexpr float gain = (1 + notch_radius * notch_radius) / 2;
  for (std::size_t i = 0; i < notches_.size(); ++i) {
    auto& memory = notches_[i];
    const float turn = table().notch_cosine[i];
    const float input = sample * gain;
    const float output = input + memory[0];
    memory[0] = -turn * input + notch_radius * turn * output + memory[1];
    memory[1] = input - notch_radius * notch_radius * output;
    sample = output;
  }
  return sample;
}

tone_detector::half tone_detector::analyse() const {
  half made;
  const auto& known = table();
  for (std::size_t i = 0; i < half_samples; ++i) {
    const float sample = samples_[3 * half_samples + i];
    made.energy += sample * sample;
    for (std::size_t tone = 0; tone < tone_count; ++tone) {
      made.real[tone] += sample * known.cosine[i][tone];
      made.imaginary[tone] += sample * known.sine[i][tone];
    }
  }
  return made;
}

tone_detector::window tone_detector::join(const half& first, const half& second) const {
  constexpr float to_mean_square = 2 / (window_length * window_length);
  const auto& known = table();
  window made;
  made.mean_square = (first.energy + second.energy) / window_length;
  for (std::size_t tone = 0; tone < tone_count; ++tone) {
    const float real = second.real[tone];
    const float imaginary = second.imaginary[tone];
    made.real[tone] =
        first.real[tone] + real * known.turn_real[tone] - imaginary * known.turn_imaginary[tone];
    made.imaginary[tone] =
        first.imaginary[tone] + real * known.turn_imaginary[tone] + imaginary * known.turn_real[tone];
    made.power[tone] =
        (made.real[tone] * made.real[tone] + made.imaginary[tone] * made.imaginary[tone]) * to_mean_square;
  }
  return made;
}

void tone_detector::end_half(finding& found) {
  filled_ = 0;
  std::move(halves_.begin() + 1, halves_.end(), halves_.begin());
  halves_.back() = analyse();
  valid_halves_ = std::min(valid_halves_ + 1, 4);
  if (valid_halves_ < 2)
    return;
  std::move(windows_.begin() + 1, windows_.end(), windows_.begin());
  windows_.back() = join(halves_[2], halves_[3]);
  const int hit = hit_in(windows_.back());
  hits_ = hit >= 0 && hit == candidate_ ? hits_ + 1 : hit >= 0 ? 1 : 0;
  candidate_ = hit;
  if (hits_ >= windows_of_a_press && hit != key_ && is_key(hit))
    begin(hit, found);
  else if (key_ >= 0)
    follow(windows_.back(), found);
}

/// The key whose tones fill a window, -1 for none.
int tone_detector::hit_in(const window& seen) const {
  const auto middle = seen.power.begin() + rows;
  const auto row = std::max_element(seen.power.begin(), middle);
  const auto column = std::max_element(middle, seen.power.end());
  if (*row < least_power || *column < least_power)
    return -1;
  if (*row > *column * most_twist_of_windows || *column > *row * most_twist_of_windows)
    return -1;
  if (*row + *column < least_share * seen.mean_square)
    return -1;
  for (auto other = seen.power.begin(); other != seen.power.end(); ++other) {
    const auto best = other < middle ? row : column;
    if (other != best && *other * least_over_neighbours > *best)
      return -1;
  }
  return static_cast<int>((row - seen.power.begin()) * 4 + (column - middle));
}

/// Three windows look like the key; are its tones at their frequencies, steady, and alone?
bool tone_detector::is_key(int key) const {
  const auto row = static_cast<std::size_t>(key / 4);
  const auto column = rows + static_cast<std::size_t>(key % 4);
  const auto& first = windows_.front();
  const auto& last = windows_.back();
  std::array<float, 2> hz{};
  for (const auto tone : {row, column}) {
    const float off = offset_hz(first.real[tone], first.imaginary[tone], last.real[tone],
                                last.imaginary[tone], tone_hz[tone]);
    if (std::abs(off) > most_off * tone_hz[tone])
      return false;
    if (last.power[tone] > first.power[tone] * most_change ||
        first.power[tone] > last.power[tone] * most_change)
      return false;
    hz[tone == row ? 0 : 1] = tone_hz[tone] + off;
  }
  return fits(hz);
}

/// Whether the latest 19 ms are two sines of these frequencies and little else (least squares).
bool tone_detector::fits(const std::array<float, 2>& hz) const {
  const auto sound = std::span(samples_).last(3 * half_samples);
  normal_equations equations;
  double energy = 0;
  for (std::size_t i = 0; i < sound.size(); ++i) {
    const double sample = static_cast<double>(sound[i]);
    std::array<double, 4> wave{};
    for (std::size_t j = 0; j < hz.size(); ++j) {
      const double angle = 2 * std::numbers::pi * static_cast<double>(hz[j]) * static_cast<double>(i) / rate;
      wave[2 * j] = std::cos(angle);
      wave[2 * j + 1] = std::sin(angle);
    }
    equations.add(wave, sample);
    energy += sample * sample;
  }
  const auto found = equations.solve();
  const double row = found[0] * found[0] + found[1] * found[1];
  const double column = found[2] * found[2] + found[3] * found[3];
  return energy - equations.explained(found) <= most_rest * energy && row <= column * most_twist &&
         column <= row * most_twist;
}

void tone_detector::begin(int key, finding& found) {
  constexpr auto half_step = static_cast<std::int64_t>(half_samples);
  if (key_ >= 0)
    found.ended = finished();
  key_ = key;
  misses_ = 0;
  sounding_ = true;
  found.begun = true;
  const auto row = static_cast<std::size_t>(key / 4);
  const auto column = rows + static_cast<std::size_t>(key % 4);
  level_ = windows_.back().power[row] + windows_.back().power[column];
  start_ = clock_ - windows_of_a_press * half_step - half_step;
  end_ = clock_;
  cover(start_, clock_, found);
}

bool tone_detector::goes_on(const window& seen) const {
  const float power =
      seen.power[static_cast<std::size_t>(key_ / 4)] + seen.power[rows + static_cast<std::size_t>(key_ % 4)];
  return power > share_that_goes_on * seen.mean_square && power > level_that_goes_on * level_;
}

void tone_detector::follow(const window& seen, finding& found) {
  sounding_ = goes_on(seen);
  if (sounding_) {
    misses_ = 0;
    end_ = clock_;
    cover(clock_ - static_cast<std::int64_t>(half_samples), clock_, found);
    return;
  }
  if (++misses_ < misses_until_end)
    return;
  found.ended = finished();
  key_ = -1;
}

void tone_detector::cover(std::int64_t from, std::int64_t to, finding& found) const {
  if (found.tone_from == found.tone_to)
    found.tone_from = from;
  found.tone_from = std::min(found.tone_from, from);
  found.tone_to = std::max(found.tone_to, to);
}

} // namespace plenary::audio
