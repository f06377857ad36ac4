#include "bench/sound/telephone_band.hpp"

#include "bench/sound/signal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

namespace plenary::sound_bench {
namespace {

constexpr int narrow_rate = 8000;
constexpr std::size_t half_an_hour = std::size_t{30} * 60 * narrow_rate;

struct spoken_text {
  const char* voice;
  const char* text;
};

constexpr std::array spoken_texts{
    spoken_text{"en-us",
                "The committee met on Thursday to discuss seven hundred and forty two separate items. Nobody "
                "could remember who had written the minutes, and she said so loudly. Please hold the line. "
                "Whistling teapots sing while bees hum quietly under the willow trees, ooh, aah, eee."},
    spoken_text{"en-gb",
                "Whether or not you agree, we shall reconvene at a quarter past nine. Thirty three thieves "
                "thought that they thrilled the throne throughout Thursday."},
    spoken_text{
        "de", "Der Ausschuss trat am Donnerstag zusammen und besprach siebenhundert einzelne Punkte. Niemand "
              "wusste, wer das Protokoll geschrieben hatte. Viele Bienen summen leise unter den Weiden."},
    spoken_text{"fr-fr",
                "Le comité a parlé jeudi de sept cents points différents. Personne ne savait qui avait écrit "
                "le compte rendu. Oui, ici il y a une petite fille qui rit."},
    spoken_text{
        "it",
        "Il comitato ha discusso settecento punti diversi. Nessuno sapeva chi avesse scritto il verbale. "
        "Piccoli uccelli fischiano sui rami."},
    spoken_text{"es",
                "El comité se reunió el jueves para discutir setecientos puntos distintos. Nadie sabía quién "
                "había escrito el acta. Silban los pájaros y ríen las niñas."},
    spoken_text{
        "sv", "Kommittén träffades på torsdagen för att diskutera sjuhundra olika punkter. Ingen visste vem "
              "som hade skrivit protokollet."},
    spoken_text{"pl",
                "Komitet zebrał się w czwartek, aby omówić siedemset różnych punktów. Nikt nie wiedział, kto "
                "napisał protokół."},
};
constexpr std::array voice_kinds{"m1", "f1", "m3", "f2", "m7", "f4", "croak", "klatt2", "whisper"};
constexpr std::array voice_pitches{20, 50, 80, 99};

narrow_sound speech_of_half_an_hour() {
  narrow_sound sound;
  for (const auto pitch : voice_pitches)
    for (const auto* kind : voice_kinds)
      for (const auto& each : spoken_texts) {
        if (sound.size() >= half_an_hour)
          return sound;
        const auto said = speak_narrow(each.text, fmt::format("{}+{}", each.voice, kind), pitch);
        sound.insert(sound.end(), said.begin(), said.end());
      }
  return sound;
}

/// Writes music note by note.
class musician {
public:
  explicit musician(unsigned seed)
      : random_(seed) {}

  bool enough(std::size_t samples) const { return sound_.size() >= samples; }
  narrow_sound take() { return std::move(sound_); }

  /// Notes of instruments, each with its harmonics, two to four at a time.
  void chord() {
    std::vector<partial> partials;
    const auto notes = 2 + random_() % 3;
    for (unsigned i = 0; i < notes; ++i) {
      const double hz = 110 * std::pow(2, static_cast<double>(random_() % 37) / 12);
      for (int harmonic = 1; harmonic <= 6; ++harmonic)
        partials.push_back({hz * harmonic, 3000.0 / (harmonic * harmonic), 0});
    }
    play(partials, 0.1 + uniform() * 0.5);
  }

  /// Two sines, one row and one column of the keys but each 3.5 % off or more on either side.
  void beside_the_keys() {
    constexpr std::array rows{697.0, 770.0, 852.0, 941.0};
    constexpr std::array columns{1209.0, 1336.0, 1477.0, 1633.0};
    const auto off = [this] { return 1 + (random_() % 2 == 0 ? 1 : -1) * (0.035 + 0.012 * uniform()); };
    play({{rows[random_() % 4] * off(), 4000, 0}, {columns[random_() % 4] * off(), 4000, 0}},
         0.06 + uniform() * 0.3);
  }

  /// A whistle with vibrato, or one that glides.
  void whistle() { play({{600 + uniform() * 1600, 8000, random_() % 2 == 0 ? 0.02 : 0.3}}, 0.3 + uniform()); }

  /// A glide in fifths or octaves through all rows and columns. (Two sines that glide over a row and a column
  /// at the same time are a key's tones while they do.)
  void sweep() {
    const double interval = random_() % 2 == 0 ? 1.5 : 2;
    play({{500, 5000, 1.2}, {500 * interval, 5000, 1.2}}, 2 + 4 * uniform());
  }

private:
  struct partial {
    double hz;
    double amplitude;
    double bend; ///< part of its frequency by which it wavers or glides
  };

  double uniform() { return std::uniform_real_distribution<>(0, 1)(random_); }

  void play(const std::vector<partial>& partials, double seconds) {
    const auto count = static_cast<std::size_t>(seconds * narrow_rate);
    std::vector<double> phases(partials.size());
    for (std::size_t i = 0; i < count; ++i) {
      const double t = static_cast<double>(i) / narrow_rate;
      const double edge = std::min({1.0, t / 0.01, (seconds - t) / 0.03});
      double sum = 0;
      for (std::size_t j = 0; j < partials.size(); ++j) {
        const auto& each = partials[j];
        const double wave = each.bend > 0.1 ? t / seconds : std::sin(2 * std::numbers::pi * 6 * t);
        const double hz = each.hz * (1 + each.bend * wave);
        phases[j] += 2 * std::numbers::pi * hz / narrow_rate;
        sum += hz < 3700 ? each.amplitude * std::sin(phases[j]) : 0;
      }
      sound_.push_back(static_cast<std::int16_t>(std::lrint(std::clamp(sum * edge, -32000.0, 32000.0))));
    }
  }

  std::mt19937 random_;
  narrow_sound sound_;
};

narrow_sound music_of_half_an_hour() {
  musician plays(20261128);
  for (unsigned i = 0; !plays.enough(half_an_hour); ++i) {
    if (i % 50 == 49)
      plays.sweep();
    else if (i % 10 == 9)
      plays.whistle();
    else if (i / 50 % 2 == 0)
      plays.chord();
    else
      plays.beside_the_keys();
  }
  return plays.take();
}

} // namespace

narrow_sound chords(std::size_t samples, unsigned seed) {
  musician plays(seed);
  while (!plays.enough(samples))
    plays.chord();
  auto music = plays.take();
  music.resize(samples);
  return music;
}

std::vector<std::pair<std::string, narrow_sound>> sounds_without_keys() {
  std::vector<std::pair<std::string, narrow_sound>> all;
  all.emplace_back("speech", speech_of_half_an_hour());
  all.emplace_back("music", music_of_half_an_hour());
  return all;
}

} // namespace plenary::sound_bench
