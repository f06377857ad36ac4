#pragma once

#include "bench/load/scenario.hpp"

#include <optional>
#include <span>
#include <string_view>

namespace plenary::load {

/// The case that a figure belongs to.
struct figure_case {
  std::size_t rooms = 1;
  std::size_t callers = 10; ///< per room
  std::size_t talkers = 2;
  silence silent = silence::dtx;
};

/// What Plenary promises for a case.
struct goal {
  figure_case of;
  double cpu_ms = 0; ///< per participant and second, at most
  double p50_ms = 0; ///< delay, 13 ms of Opus look-ahead inside, at most
  double p99_ms = 0;
};

/// What another server was measured with, by the same method.
struct peer_figure {
  std::string_view server;
  figure_case of;
  std::string_view cpu_ms;
  std::string_view delay_ms; ///< p50 / p99
  std::string_view rss_kib;
};

/// Limits that hold for every case.
inline constexpr double goal_rss_kib = 100;
inline constexpr std::size_t goal_largest_room = 2000;
inline constexpr std::chrono::seconds goal_stall_recovery{5};

/// The goal of a crowd, when it is one of the promised cases.
std::optional<goal> find_goal(const crowd& plan);

/// All figures of others, to be filtered with same_case().
std::span<const peer_figure> peer_figures();

/// Largest room on one core of each server, 2 talkers, dtx, less than 1 % late or missing.
std::string_view peers_largest_room();

bool same_case(const figure_case& figure, const crowd& plan);

} // namespace plenary::load
