#include "node/sip/session_timer.hpp"

#include "node/sip/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace plenary::sip_layer {

namespace {

/// Longest interval that is taken over; a day more than covers what carriers ask for.
constexpr std::chrono::seconds longest_interval{86'400};

std::optional<std::chrono::seconds> read_seconds(std::string_view text) {
  std::uint32_t value = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return std::chrono::seconds(value);
}

} // namespace

std::optional<session_expires> parse_session_expires(std::string_view text) {
  auto end = text.find(';');
  const auto interval = read_seconds(text.substr(0, end));
  if (!interval)
    return std::nullopt;
  session_expires parsed{*interval, std::nullopt};
  while (end != std::string_view::npos) {
    text.remove_prefix(end + 1);
    end = text.find(';');
    const auto parameter = trim(text.substr(0, end));
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos ||
        !equal_ignoring_case(trim(parameter.substr(0, equals)), "refresher"))
      continue;
    const auto role = trim(parameter.substr(equals + 1));
    if (equal_ignoring_case(role, "uac"))
      parsed.refresher = refresher_role::uac;
    else if (equal_ignoring_case(role, "uas"))
      parsed.refresher = refresher_role::uas;
  }
  return parsed;
}

std::optional<std::chrono::seconds> parse_min_se(std::string_view text) {
  return read_seconds(text.substr(0, text.find(';')));
}

tl::expected<timer_agreement, interval_too_small> answer_timer(const timer_offer& offer,
                                                               const timer_policy& policy) {
  // Only a caller that knows session timers understands 422; for others the interval is raised.
  if (offer.expires && offer.expires->interval < policy.min_se && offer.supported)
    return tl::unexpected(interval_too_small{policy.min_se});
  const auto floor =
      std::max(policy.min_se, std::min(offer.min_se.value_or(policy.min_se), longest_interval));
  const auto asked = offer.expires ? offer.expires->interval : policy.interval;
  timer_agreement agreement;
  agreement.interval = std::max(std::min(asked, policy.interval), floor);
  agreement.peer_supports = offer.supported;
  agreement.ours = !offer.supported || (offer.expires && offer.expires->refresher == refresher_role::uas);
  return agreement;
}

timer_agreement settle_timer(const timer_agreement& asked, std::chrono::seconds min_se,
                             const std::optional<session_expires>& answered) {
  auto settled = asked;
  if (!answered) {
    settled.ours = true; // the other side runs no timer: only we can notice that it is gone
    settled.peer_supports = false;
    return settled;
  }
  settled.peer_supports = true;
  // A 2xx may shorten the interval that was asked for, but not below Min-SE (RFC 4028 9).
  settled.interval = std::clamp(answered->interval, std::min(min_se, asked.interval), asked.interval);
  if (answered->refresher)
    settled.ours = answered->refresher == refresher_role::uac;
  return settled;
}

std::chrono::milliseconds refresh_delay(std::chrono::seconds interval) {
  return std::chrono::milliseconds(interval) / 2;
}

std::chrono::milliseconds expiry_delay(std::chrono::seconds interval) {
  const std::chrono::milliseconds whole(interval);
  return whole - std::min(std::chrono::milliseconds(32'000), whole / 3);
}

std::string answer_headers(const timer_agreement& agreement) {
  // Without support on the other side the refreshes are plain re-INVITEs, and it is told nothing.
  if (!agreement.peer_supports)
    return "Supported: timer\r\n";
  return fmt::format("Supported: timer\r\n{}Session-Expires: {};refresher={}\r\n",
                     agreement.ours ? "" : "Require: timer\r\n", agreement.interval.count(),
                     agreement.ours ? "uas" : "uac");
}

std::string request_headers(const timer_agreement& wanted, std::chrono::seconds min_se) {
  return fmt::format("Supported: timer\r\nSession-Expires: {};refresher={}\r\nMin-SE: {}\r\n",
                     wanted.interval.count(), wanted.ours ? "uac" : "uas", min_se.count());
}

} // namespace plenary::sip_layer
