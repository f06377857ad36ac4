#include "node/http/request_limits.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <utility>

namespace plenary {

namespace {

constexpr std::size_t most_clients = 16384;
constexpr std::size_t most_remembered = 4096;
constexpr double burst_seconds = 2;
constexpr double seconds_per_minute = 60;

token_rate rate_per_second(std::int64_t often) {
  const auto rate = static_cast<double>(std::max<std::int64_t>(often, 1));
  return {rate, rate * burst_seconds};
}

token_rate rate_per_minute(std::int64_t often) {
  const auto rate = static_cast<double>(std::max<std::int64_t>(often, 1));
  return {rate / seconds_per_minute, rate};
}

std::chrono::seconds told(std::chrono::milliseconds wait) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds{1});
}

std::string pair_of(const std::string& client, const std::string& holder) {
  return client + '\n' + holder;
}

} // namespace

std::string client_group(const std::string& address) {
  constexpr std::string_view mapped{"::ffff:"};
  if (address.starts_with(mapped) && address.find('.') != std::string::npos)
    return address.substr(mapped.size());
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET6, address.substr(0, address.find('%')).c_str(), bytes.data()) != 1)
    return address;
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(AF_INET6, bytes.data(), text.data(), text.size());
  return std::string{text.data()} + "/64";
}

request_limits::request_limits(const request_limit_settings& settings)
    : settings_(settings)
    , addresses_(rate_per_second(settings.per_address), most_clients)
    , wrong_keys_(rate_per_minute(settings.wrong_keys), most_clients) {}

void request_limits::replace(const request_limit_settings& settings) {
  const auto before = std::exchange(settings_, settings);
  if (before.per_address != settings.per_address)
    addresses_ = {rate_per_second(settings.per_address), most_clients};
  if (before.wrong_keys != settings.wrong_keys)
    wrong_keys_ = {rate_per_minute(settings.wrong_keys), most_clients};
  std::erase_if(applications_, [&](const auto& each) {
    const auto was = before.per_application.find(each.first);
    const auto is = settings.per_application.find(each.first);
    return was == before.per_application.end() || is == settings.per_application.end() ||
           was->second != is->second;
  });
}

std::optional<std::chrono::seconds> request_limits::take_of_address(const std::string& client, time_point now,
                                                                    double cost) {
  const auto amount = std::min(cost, rate_per_second(settings_.per_address).burst);
  if (settings_.per_address == 0 || addresses_.take(client, now, amount))
    return std::nullopt;
  return told(addresses_.wait(client, now, amount));
}

std::optional<std::chrono::seconds> request_limits::take_of_application(const application_id& application,
                                                                        time_point now) {
  const auto bound = settings_.per_application.find(application);
  if (bound == settings_.per_application.end() || bound->second == 0)
    return std::nullopt;
  auto& bucket = applications_.try_emplace(application, rate_per_second(bound->second), now).first->second;
  if (bucket.take(now))
    return std::nullopt;
  return told(bucket.wait(now));
}

std::optional<std::chrono::seconds> request_limits::locked_for(const std::string& client,
                                                               time_point now) const {
  if (settings_.wrong_keys == 0 || wrong_keys_.has(client, now))
    return std::nullopt;
  return told(wrong_keys_.wait(client, now));
}

void request_limits::count_wrong_key(const std::string& client, time_point now) {
  if (settings_.wrong_keys > 0)
    wrong_keys_.take(client, now);
}

void request_limits::remember_right_key(const std::string& client, const std::string& holder) {
  auto pair = pair_of(client, holder);
  if (const auto found = places_.find(pair); found != places_.end()) {
    remembered_.splice(remembered_.begin(), remembered_, found->second);
    return;
  }
  if (places_.size() >= most_remembered) {
    places_.erase(remembered_.back());
    remembered_.pop_back();
  }
  remembered_.push_front(pair);
  places_.emplace(std::move(pair), remembered_.begin());
}

bool request_limits::knows_right_key(const std::string& client, const std::string& holder) const {
  return places_.contains(pair_of(client, holder));
}

} // namespace plenary
