#include "node/sip/call_limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

namespace plenary::sip_layer {

namespace {

/// Addresses that are remembered at one time; only trunks' own addresses come here.
constexpr std::size_t most_addresses = 16384;
/// Room for a carrier that gives many calls at once after a pause.
constexpr double burst_seconds = 2;
constexpr std::size_t most_log_names = 1024;
constexpr token_rate log_rate{0.1, 1};
/// A call may end at any time; a caller that asks again sooner only costs.
constexpr std::chrono::seconds wait_for_a_call{10};
constexpr std::chrono::seconds shortest_wait{1};

token_rate rate_of(std::int64_t per_second) {
  return {static_cast<double>(std::max<std::int64_t>(per_second, 1)),
          static_cast<double>(std::max<std::int64_t>(per_second, 1)) * burst_seconds};
}

/// The bits that one customer of an access network has: all of IPv4, 64 of IPv6 (RFC 6177).
ip_address group_of(ip_address address) {
  constexpr std::size_t mapped_prefix = 12;
  const bool is_v4 =
      std::all_of(address.begin(), address.begin() + 10, [](std::uint8_t byte) { return byte == 0; }) &&
      address[10] == 0xff && address[mapped_prefix - 1] == 0xff;
  if (!is_v4)
    std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
  return address;
}

std::string text_of(const ip_address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, address.data(), text.data(), text.size());
  std::string written{text.data()};
  constexpr std::string_view mapped{"::ffff:"};
  return written.starts_with(mapped) ? written.substr(mapped.size()) : written;
}

template <class Key>
std::size_t count_in(const std::map<Key, std::size_t>& counts, const Key& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

template <class Key>
void count_down(std::map<Key, std::size_t>& counts, const Key& key) {
  if (const auto found = counts.find(key); found != counts.end() && --found->second == 0)
    counts.erase(found);
}

template <class Key>
bool is_full(const std::map<Key, std::size_t>& counts, const Key& key, std::size_t most) {
  return most > 0 && count_in(counts, key) >= most;
}

std::chrono::seconds whole_seconds(std::chrono::milliseconds wait) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(wait), shortest_wait);
}

reached_limit too_many(counter counted, std::string_view limit, std::string name, std::size_t bound) {
  return {counted, limit, std::move(name), static_cast<std::int64_t>(bound), wait_for_a_call, false};
}

reached_limit too_fast(counter counted, std::string_view limit, std::string name, std::int64_t bound,
                       std::chrono::milliseconds wait) {
  return {counted, limit, std::move(name), bound, whole_seconds(wait), false};
}

} // namespace

call_limits::call_limits(call_limit_settings settings)
    : settings_(std::move(settings))
    , address_rates_(rate_of(settings_.address.most_setups_per_s), most_addresses)
    , log_lines_(log_rate, most_log_names) {}

void call_limits::replace(call_limit_settings settings) {
  const auto before = std::exchange(settings_, std::move(settings));
  std::erase_if(trunk_rates_, [&](const auto& each) {
    const auto known = before.trunks.find(each.first);
    return known == before.trunks.end() || known->second != bounds_of_trunk(each.first);
  });
  std::erase_if(application_rates_, [&](const auto& each) {
    const auto known = before.applications.find(each.first);
    return known == before.applications.end() || known->second != bounds_of(each.first);
  });
  if (before.address != settings_.address)
    address_rates_ = {rate_of(settings_.address.most_setups_per_s), most_addresses};
}

std::optional<reached_limit> call_limits::admit(const call_origin& origin, time_point now) {
  auto reached = find_reached(origin, now);
  if (reached) {
    reached->tell = log_lines_.take(std::string{reached->limit} + '\n' + reached->name, now);
    return reached;
  }
  if (bounds_of(origin.application).most_setups_per_s > 0)
    application_rate(origin.application, now).take(now);
  if (bounds_of_trunk(origin.trunk).most_setups_per_s > 0)
    trunk_rate(origin.trunk, now).take(now);
  if (settings_.address.most_setups_per_s > 0)
    address_rates_.take(text_of(group_of(origin.source)), now);
  return std::nullopt;
}

/// The application first: what it may not have is taken from nobody else.
std::optional<reached_limit> call_limits::find_reached(const call_origin& origin, time_point now) {
  const auto application = bounds_of(origin.application);
  if (is_full(calls_of_application_, origin.application, application.most_calls))
    return too_many(counter::invites_refused_application_calls, "application_calls", origin.application.value,
                    application.most_calls);
  const auto customer = settings_.customer_calls.find(origin.customer);
  if (customer != settings_.customer_calls.end() &&
      is_full(calls_of_customer_, origin.customer, customer->second))
    return too_many(counter::invites_refused_application_calls, "customer_calls", origin.customer.value,
                    customer->second);
  if (application.most_setups_per_s > 0 && !application_rate(origin.application, now).has(now))
    return too_fast(counter::invites_refused_application_rate, "application_setups", origin.application.value,
                    application.most_setups_per_s, application_rate(origin.application, now).wait(now));
  const auto trunk = bounds_of_trunk(origin.trunk);
  if (is_full(calls_of_trunk_, origin.trunk, trunk.most_calls))
    return too_many(counter::invites_refused_trunk_calls, "trunk_calls", origin.trunk, trunk.most_calls);
  if (trunk.most_setups_per_s > 0 && !trunk_rate(origin.trunk, now).has(now))
    return too_fast(counter::invites_refused_trunk_rate, "trunk_setups", origin.trunk,
                    trunk.most_setups_per_s, trunk_rate(origin.trunk, now).wait(now));
  const auto source = group_of(origin.source);
  auto address = text_of(source);
  if (is_full(calls_of_address_, source, settings_.address.most_calls))
    return too_many(counter::invites_refused_address_calls, "address_calls", std::move(address),
                    settings_.address.most_calls);
  if (settings_.address.most_setups_per_s > 0 && !address_rates_.has(address, now))
    return too_fast(counter::invites_refused_address_rate, "address_setups", address,
                    settings_.address.most_setups_per_s, address_rates_.wait(address, now));
  return std::nullopt;
}

void call_limits::begin(const call_id& id, const call_origin& origin) {
  if (!calls_.emplace(id, origin).second)
    return;
  ++calls_of_trunk_[origin.trunk];
  ++calls_of_application_[origin.application];
  ++calls_of_customer_[origin.customer];
  ++calls_of_address_[group_of(origin.source)];
}

void call_limits::end(const call_id& id) {
  const auto call = calls_.find(id);
  if (call == calls_.end())
    return;
  count_down(calls_of_trunk_, call->second.trunk);
  count_down(calls_of_application_, call->second.application);
  count_down(calls_of_customer_, call->second.customer);
  count_down(calls_of_address_, group_of(call->second.source));
  calls_.erase(call);
}

call_bounds call_limits::bounds_of_trunk(const std::string& name) const {
  const auto found = settings_.trunks.find(name);
  return found == settings_.trunks.end() ? call_bounds{} : found->second;
}

call_bounds call_limits::bounds_of(const application_id& application) const {
  const auto found = settings_.applications.find(application);
  return found == settings_.applications.end() ? call_bounds{} : found->second;
}

token_bucket& call_limits::trunk_rate(const std::string& name, time_point now) {
  const auto rate = rate_of(bounds_of_trunk(name).most_setups_per_s);
  return trunk_rates_.try_emplace(name, rate, now).first->second;
}

token_bucket& call_limits::application_rate(const application_id& application, time_point now) {
  const auto rate = rate_of(bounds_of(application).most_setups_per_s);
  return application_rates_.try_emplace(application, rate, now).first->second;
}

} // namespace plenary::sip_layer
