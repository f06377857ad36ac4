#include "actors/call/dialog.hpp"

#include "schema/hangup_causes.hpp"

#include <fmt/format.h>

#include <utility>

namespace plenary::call_machine {

namespace {

constexpr std::chrono::seconds retry_after{10};

/// Of 488 the caller hears what did not fit; the operator is told the rest alone.
std::string detail_of_refusal(int status, const hangup_cause& cause,
                              const std::optional<call_failure>& failure) {
  if (status == 488 && failure)
    return failure->detail;
  return failure ? fmt::format("{}: {}", cause.name, failure->detail) : cause.name;
}

} // namespace

dialog::step dialog::toward(needs what) const {
  if (what == needs::nothing)
    return step::begin;
  if (leg == leg_phase::none)
    return step::place;
  if (leg == leg_phase::placing)
    return step::wait;
  if (now == phase::up || (what == needs::media && !late_offer))
    return step::begin;
  return now == phase::alerting ? step::answer : step::wait;
}

ring dialog::alert() {
  now = phase::alerting;
  return {};
}

place_leg dialog::place(std::optional<room_key> room) {
  leg = leg_phase::placing;
  return {std::move(room)};
}

bool dialog::opened(const result<media_path::opened_leg>& made) {
  if (leg != leg_phase::placing)
    return false;
  leg = made ? leg_phase::open : leg_phase::none;
  if (made) {
    sdp = made->sdp;
    late_offer = made->is_offer;
  }
  return true;
}

void dialog::replaced(const std::string& description) {
  if (leg == leg_phase::open && now < phase::accepted)
    sdp = description;
}

accept dialog::answer() {
  now = phase::accepted;
  return {std::exchange(sdp, {})};
}

complete_leg dialog::complete(std::string answer) {
  now = phase::completing;
  return {std::move(answer)};
}

std::optional<std::variant<hang_up, reject>> dialog::dismiss(const hangup_cause& cause,
                                                             const std::optional<call_failure>& failure) {
  if (now == phase::over)
    return std::nullopt;
  const bool accepted = is_accepted();
  now = phase::over;
  if (accepted)
    return hang_up{cause};
  const auto refusal = refusal_of(cause);
  return reject{refusal.status, std::string{refusal.reason},
                refusal.status == 503 ? std::optional{retry_after} : std::nullopt,
                detail_of_refusal(refusal.status, cause, failure)};
}

std::optional<close_leg> dialog::close() {
  if (leg != leg_phase::open)
    return std::nullopt;
  leg = leg_phase::none;
  return close_leg{};
}

} // namespace plenary::call_machine
