#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <unordered_map>
#include <utility>

namespace plenary {

/// How often something may happen: `burst` times at once, then `per_second` times a second.
struct token_rate {
  double per_second = 1; ///< above 0
  double burst = 1;      ///< at least 1
};

/// A budget that refills with time; starts full. A clock that goes back refills nothing.
class token_bucket {
public:
  using time_point = std::chrono::steady_clock::time_point;

  token_bucket(token_rate rate, time_point now)
      : rate_(rate)
      , tokens_(rate.burst)
      , counted_at_(now) {}

  /// Takes `amount` when that much is there; else takes nothing and returns false.
  bool take(time_point now, double amount = 1) {
    refill(now);
    if (tokens_ + rounding < amount)
      return false;
    tokens_ -= amount;
    return true;
  }

  /// Puts back what was taken for something that was not done after all.
  void give_back(double amount = 1) { tokens_ = std::min(tokens_ + amount, rate_.burst); }

  /// Whether `take` would succeed.
  bool has(time_point now, double amount = 1) const { return tokens_at(now) + rounding >= amount; }

  /// How long until `take` succeeds, if nobody else takes; 0: now. At least 1 ms otherwise.
  std::chrono::milliseconds wait(time_point now, double amount = 1) const {
    if (has(now, amount))
      return std::chrono::milliseconds{0};
    const double missing = std::min(amount, rate_.burst) - tokens_at(now);
    return std::chrono::milliseconds{static_cast<std::int64_t>(std::ceil(missing * 1000 / rate_.per_second))};
  }

  /// Whether it is as a new one would be.
  bool is_full(time_point now) const { return tokens_at(now) + rounding >= rate_.burst; }

private:
  /// What sums of fractions may lack of a whole token.
  static constexpr double rounding = 1e-6;

  double tokens_at(time_point now) const {
    const std::chrono::duration<double> passed = now - counted_at_;
    return std::min(tokens_ + std::max(passed.count(), 0.0) * rate_.per_second, rate_.burst);
  }

  void refill(time_point now) {
    tokens_ = tokens_at(now);
    counted_at_ = std::max(now, counted_at_);
  }

  token_rate rate_;
  double tokens_;
  time_point counted_at_;
};

/// One bucket for each key, for at most `most_keys` keys at one time. A key that was not seen for the longest
/// time is forgotten when its bucket is full again, which changes nothing; when none is, further keys share
/// one bucket, so a flood of invented keys gets no more than one key does. Every operation takes constant
/// time.
template <class Key, class Hash = std::hash<Key>>
class token_buckets {
public:
  using time_point = token_bucket::time_point;

  token_buckets(token_rate rate, std::size_t most_keys)
      : rate_(rate)
      , most_keys_(std::max<std::size_t>(most_keys, 1))
      , shared_(rate, time_point{}) {}

  /// Takes `amount` of the key's budget when that much is there; else takes nothing and returns false.
  bool take(const Key& key, time_point now, double amount = 1) { return of(key, now).take(now, amount); }

  /// Puts back what was taken for something that was not done after all.
  void give_back(const Key& key, double amount = 1) {
    if (auto found = places_.find(key); found != places_.end())
      found->second->second.give_back(amount);
  }

  /// Whether `take` would succeed; remembers nothing.
  bool has(const Key& key, time_point now, double amount = 1) const {
    return wait(key, now, amount) == std::chrono::milliseconds{0};
  }

  /// How long until `take` of this key succeeds; 0: now. Remembers nothing.
  std::chrono::milliseconds wait(const Key& key, time_point now, double amount = 1) const {
    if (auto found = places_.find(key); found != places_.end())
      return found->second->second.wait(now, amount);
    const bool has_room = places_.size() < most_keys_ || oldest_is_full(now);
    return has_room ? token_bucket{rate_, now}.wait(now, amount) : shared_.wait(now, amount);
  }

  /// Keys that are remembered.
  std::size_t size() const { return places_.size(); }

private:
  using entry = std::pair<Key, token_bucket>;

  bool oldest_is_full(time_point now) const { return !used_.empty() && used_.back().second.is_full(now); }

  token_bucket& of(const Key& key, time_point now) {
    if (auto found = places_.find(key); found != places_.end()) {
      used_.splice(used_.begin(), used_, found->second);
      return found->second->second;
    }
    if (places_.size() >= most_keys_) {
      if (!oldest_is_full(now))
        return shared_;
      places_.erase(used_.back().first);
      used_.pop_back();
    }
    used_.emplace_front(key, token_bucket{rate_, now});
    places_.emplace(key, used_.begin());
    return used_.front().second;
  }

  token_rate rate_;
  std::size_t most_keys_;
  token_bucket shared_;   ///< of keys that found no place
  std::list<entry> used_; ///< the latest first
  std::unordered_map<Key, typename std::list<entry>::iterator, Hash> places_;
};

} // namespace plenary
