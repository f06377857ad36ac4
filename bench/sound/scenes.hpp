#pragma once

#include <string>
#include <vector>

namespace plenary::sound_bench {

/// One figure of the table.
struct figure {
  std::string scene;
  std::string what;
  double value = 0;
  std::string unit;
  double goal = 0;
  bool at_most = true; ///< the goal is a bound above; else below

  bool met() const { return at_most ? value <= goal : value >= goal; }
};

/// A named row of the table: runs for some seconds.
struct scene {
  std::string name;
  std::string asks; ///< the question in a line
  std::vector<figure> (*run)();
};

/// How much of a word's beginning is missing.
std::vector<figure> measure_onsets();
/// What digital silence after speech makes heard.
std::vector<figure> measure_thumps();
/// What is heard of a caller's background between words, and in a room where nobody speaks.
std::vector<figure> measure_background();
/// How much louder the loud are heard than the quiet.
std::vector<figure> measure_levelling();
/// How steep the wave gets where somebody is muted.
std::vector<figure> measure_mute();
/// What a room of very loud people makes of them.
std::vector<figure> measure_loud_rooms();
/// What FEC repairs of lost packets, and how soon the delay comes back after jitter.
std::vector<figure> measure_loss();
/// What concealment fills of packets lost in a row.
std::vector<figure> measure_bursts();
/// The highest tones that pass.
std::vector<figure> measure_band();
/// How long the tones of keys are heard, which keys are told, and what is taken for one that is none.
std::vector<figure> measure_key_tones();
/// How much of five talkers is heard beside music on hold.
std::vector<figure> measure_music();
/// What six callers in babble make heard, and how much of talkers beside them.
std::vector<figure> measure_babble();

const std::vector<scene>& scenes();

} // namespace plenary::sound_bench
