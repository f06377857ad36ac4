#include "actors/audio/rtcp_schedule.hpp"

namespace plenary::audio {

namespace {

/// SplitMix64: one step and its output.
std::uint64_t next_number(std::uint64_t& state) {
  state += 0x9E3779B97F4A7C15U;
  auto mixed = state;
  mixed = (mixed ^ mixed >> 30U) * 0xBF58476D1CE4E5B9U;
  mixed = (mixed ^ mixed >> 27U) * 0x94D049BB133111EBU;
  return mixed ^ mixed >> 31U;
}

/// At least 0, below 1.
double next_fraction(std::uint64_t& state) {
  constexpr int digits = 53; // of a double
  return static_cast<double>(next_number(state) >> (64 - digits)) / static_cast<double>(1ULL << digits);
}

} // namespace

rtcp_schedule::rtcp_schedule(std::uint64_t seed, mono_time began)
    : state_(seed)
    , began_(began)
    , latest_(began)
    , next_(began + draw(began)) {}

mono_time::duration rtcp_schedule::draw(mono_time now) {
  const auto usual = now - began_ < period ? early_period : period;
  const std::chrono::duration<double, std::milli> drawn =
      usual * ((0.5 + next_fraction(state_)) / compensation);
  return std::chrono::duration_cast<mono_time::duration>(drawn);
}

bool rtcp_schedule::take(mono_time now) {
  if (now < next_)
    return false;
  if (const auto again = latest_ + draw(now); again > now) {
    next_ = again;
    return false;
  }
  latest_ = now;
  next_ = now + draw(now);
  return true;
}

} // namespace plenary::audio
