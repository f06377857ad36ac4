#include "actors/call/pursuit.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace plenary::media_path {

namespace {

using std::chrono::milliseconds;

constexpr std::array offer_pauses{milliseconds{100}, milliseconds{300}, milliseconds{1000}};

} // namespace

bool may_pass(errc code) {
  switch (code) {
  case errc::moved:
  case errc::moving:
  case errc::stale:
  case errc::unavailable:
  case errc::timeout:
  case errc::not_found:
  case errc::network:
    return true;
  default:
    return false;
  }
}

bool pursuit::answers(awaited what) {
  if (by_call != what)
    return false;
  by_call = awaited::nothing;
  return true;
}

std::optional<news> pursuit::failed_with(const error& why) {
  if (answers(awaited::leg))
    return opened{tl::unexpected(why)};
  if (answers(awaited::completion))
    return answer_taken{tl::unexpected(why)};
  if (!answers(awaited::room))
    return std::nullopt;
  wanted.reset();
  return failed{why};
}

start_patience pursuit::start() {
  attempt = 0;
  refusals = 0;
  deadline = ++clocks;
  return {deadline};
}

locate pursuit::ask() {
  now = phase::locating;
  return {++turn, wanted->room};
}

void pursuit::stall() {
  ++turn;
  now = phase::waiting;
}

wait pursuit::pause(milliseconds length) {
  stall();
  return {turn, length};
}

wait pursuit::pause_before_retry() {
  return pause(attempt++ == 0 ? milliseconds{0} : retry_pause);
}

wait pursuit::pause_before_offer() {
  return pause(offer_pauses[std::min(refusals++, offer_pauses.size() - 1)]);
}

std::optional<move_started> pursuit::count() {
  if (by_call == awaited::leg || std::exchange(counted, true))
    return std::nullopt;
  return move_started{};
}

std::optional<move_ended> pursuit::end(bool done) {
  const bool was_move = std::exchange(counted, false);
  forget();
  return was_move ? std::optional{move_ended{done}} : std::nullopt;
}

void pursuit::forget() {
  counted = false;
  now = phase::idle;
  deadline = 0;
  ++turn;
}

} // namespace plenary::media_path
