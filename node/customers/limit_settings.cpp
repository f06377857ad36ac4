#include "node/customers/limit_settings.hpp"

#include <algorithm>
#include <set>

namespace plenary {

namespace {

/// At least one call, whatever the share.
std::size_t share_of_calls(const sip_options& sip, bool is_alone) {
  const auto share = is_alone ? sip.max_calls : sip.max_calls * sip.share_percent / 100;
  return static_cast<std::size_t>(std::max<std::int64_t>(share, 1));
}

} // namespace

call_limit_settings call_limits_of(const configuration& config) {
  call_limit_settings settings;
  for (const auto& trunk : config.trunks)
    settings.trunks[trunk.name] = {static_cast<std::size_t>(trunk.max_calls), trunk.max_setups_per_s};
  std::set<customer_id> customers;
  for (const auto& application : config.applications)
    customers.insert(application.customer);
  const auto of_customer = share_of_calls(config.sip, customers.size() <= 1);
  const auto of_application = share_of_calls(config.sip, config.applications.size() <= 1);
  for (const auto& application : config.applications) {
    const auto own = static_cast<std::size_t>(application.max_calls);
    settings.applications[application.id] = {own > 0 ? own : of_application, application.max_setups_per_s};
    auto& together = settings.customer_calls.try_emplace(application.customer, of_customer).first->second;
    together = std::max(together, own);
  }
  settings.address = {static_cast<std::size_t>(config.sip.max_calls_per_address),
                      config.sip.max_setups_per_s_per_address};
  return settings;
}

request_limit_settings request_limits_of(const configuration& config) {
  request_limit_settings settings;
  settings.per_address = config.http.max_requests_per_s_per_address;
  settings.wrong_keys = config.http.max_wrong_keys_per_minute;
  for (const auto& application : config.applications)
    settings.per_application[application.id] = application.max_requests_per_s;
  return settings;
}

} // namespace plenary
