#include "bench/load/goals.hpp"

#include <algorithm>
#include <array>

namespace plenary::load {

namespace {

constexpr auto dtx = silence::dtx;
constexpr auto noise = silence::noise;

constexpr std::array<goal, 6> goals{{
    {{1, 10, 2, dtx}, 4.5, 40, 60},
    {{1, 50, 2, dtx}, 1.0, 45, 65},
    {{1, 50, 2, noise}, 2.5, 45, 65},
    {{1, 200, 2, dtx}, 0.5, 45, 65},
    {{1, 200, 2, noise}, 2.0, 45, 65},
    {{20, 10, 1, dtx}, 3.0, 45, 65},
}};

// Measured by the method of README.md on a machine of the same kind (2 vCPU, AMD EPYC, Debian 12).
constexpr std::array<peer_figure, 14> figures{{
    {"Janus 1.1.2", {1, 10, 2, dtx}, "16.5", "143 / 147", "400"},
    {"Janus 1.1.2", {1, 10, 2, noise}, "18.0", "143 / 147", "400"},
    {"Janus 1.1.2", {1, 50, 2, dtx}, "12.6", "145 / 155", "330-400"},
    {"Janus 1.1.2", {1, 50, 2, noise}, "15.0", "145 / 155", "330-400"},
    {"Asterisk 22", {1, 10, 2, dtx}, "11-12", "33 / 87", "650"},
    {"Asterisk 22", {1, 10, 2, noise}, "25", "33 / 87", "650"},
    {"Asterisk 22", {1, 50, 2, dtx}, "4.6", "44 / 153", "585"},
    {"Asterisk 22", {1, 50, 2, noise}, "15-18", "44 / 153", "585"},
    {"Asterisk 22", {10, 10, 2, dtx}, "7.8", "disturbed", "535"},
    {"Asterisk 22", {1, 100, 2, dtx}, "3.9", "61 / 390", "645"},
    {"Asterisk 22", {1, 200, 2, dtx}, "3.0", "96 / 201", "730"},
    {"FreeSWITCH 1.11", {1, 10, 2, dtx}, "33.4", "49 / 60", "1110"},
    {"FreeSWITCH 1.11", {1, 10, 2, noise}, "39.8", "49 / 60", "1110"},
    {"FreeSWITCH 1.11", {1, 20, 2, dtx}, "21-25", "disturbed", "990"},
}};

} // namespace

bool same_case(const figure_case& figure, const crowd& plan) {
  return figure.rooms == plan.rooms && figure.callers == plan.callers_per_room &&
         figure.talkers == plan.talkers && figure.silent == plan.silent;
}

std::optional<goal> find_goal(const crowd& plan) {
  const auto found =
      std::find_if(goals.begin(), goals.end(), [&](const goal& one) { return same_case(one.of, plan); });
  return found == goals.end() || plan.srtp ? std::nullopt : std::optional(*found);
}

std::span<const peer_figure> peer_figures() {
  return figures;
}

std::string_view peers_largest_room() {
  return "Janus 60, Asterisk 100 to 200, FreeSWITCH about 20";
}

} // namespace plenary::load
