#include "node/net/name_resolver.hpp"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <unordered_map>

namespace plenary {

namespace {

constexpr std::size_t max_kept_answers = 4096;
constexpr std::size_t max_addresses = 8; // of one name

std::string literal_of(const addrinfo& found) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (found.ai_family == AF_INET)
    ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(found.ai_addr)->sin_addr, text.data(),
                text.size());
  else if (found.ai_family == AF_INET6)
    ::inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(found.ai_addr)->sin6_addr, text.data(),
                text.size());
  return text.data();
}

} // namespace

result<host_addresses> look_up_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  const int failed = ::getaddrinfo(host.c_str(), nullptr, &hints, &first);
  if (failed == EAI_AGAIN || failed == EAI_SYSTEM || failed == EAI_MEMORY)
    return fail(errc::unavailable, "no name server answered");
  if (failed != 0)
    return fail(errc::network, "the name has no address");
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> all{first, &::freeaddrinfo};
  host_addresses found;
  for (const auto* each = first; each != nullptr && found.size() < max_addresses; each = each->ai_next)
    if (auto literal = literal_of(*each); !literal.empty())
      found.push_back(std::move(literal));
  return found;
}

/// What the threads share; it lives as long as the last of them.
class name_resolver::core : public std::enable_shared_from_this<core> {
public:
  explicit core(resolver_settings settings)
      : settings_(std::move(settings)) {}

  void close() {
    const std::lock_guard lock(mutex_);
    lanes_.clear();
    closed_ = true;
  }

  std::optional<known_addresses> known(const std::string& host, mono_time now) const {
    const std::lock_guard lock(mutex_);
    const auto found = answers_.find(host);
    if (found == answers_.end() || is_useless(found->second, now))
      return std::nullopt;
    return known_addresses{found->second.answer, found->second.good_until <= now};
  }

  void ask(const std::string& customer, const std::string& host, mono_time give_up_at, callback done) {
    {
      const std::lock_guard lock(mutex_);
      auto& own = lanes_[customer];
      auto [open, fresh] = own.open.try_emplace(host);
      open->second.waiting.push_back(std::move(done));
      open->second.give_up_at = std::max(open->second.give_up_at, give_up_at);
      if (fresh)
        own.queue.push_back(host);
    }
    if (auto next = begin())
      start_thread(*next);
  }

private:
  struct question {
    std::vector<callback> waiting;
    mono_time give_up_at = mono_time::min();
  };
  struct lane {
    std::map<std::string, question> open; ///< queued or being looked up
    std::deque<std::string> queue;
    std::size_t running = 0;
  };
  struct job {
    std::string lane;
    std::string host;
  };
  struct kept_answer {
    result<host_addresses> answer;
    mono_time good_until;
  };

  bool is_useless(const kept_answer& kept, mono_time now) const {
    return kept.good_until + (kept.answer ? settings_.keep_stale : std::chrono::seconds{0}) <= now;
  }

  /// Occupies a thread's place for the next question of the customer that has the fewest under way.
  std::optional<job> begin() {
    const std::lock_guard lock(mutex_);
    return busy_ < settings_.threads ? take_next() : std::nullopt;
  }

  std::optional<job> take_next() {
    const auto now = std::chrono::steady_clock::now();
    auto chosen = lanes_.end();
    for (auto each = lanes_.begin(); each != lanes_.end();) {
      auto& [name, own] = *each;
      while (!own.queue.empty() && own.open[own.queue.front()].give_up_at <= now) {
        own.open.erase(own.queue.front());
        own.queue.pop_front();
      }
      if (own.open.empty()) {
        each = lanes_.erase(each);
        continue;
      }
      if (!own.queue.empty() && own.running < settings_.per_lane &&
          (chosen == lanes_.end() || own.running < chosen->second.running))
        chosen = each;
      ++each;
    }
    if (chosen == lanes_.end())
      return std::nullopt;
    job next{chosen->first, chosen->second.queue.front()};
    chosen->second.queue.pop_front();
    ++chosen->second.running;
    ++busy_;
    return next;
  }

  void start_thread(const job& first) {
    try {
      std::thread([self = shared_from_this(), first] { self->work(first); }).detach();
    } catch (const std::system_error&) {
      settle(first, fail(errc::unavailable, "no thread for a look-up"));
    }
  }

  void work(job current) {
    for (std::optional next{std::move(current)}; next; next = begin())
      settle(*next, settings_.look_up(next->host));
  }

  void settle(const job& what, const result<host_addresses>& answer) {
    for (const auto& done : take_waiting(what, answer))
      done(answer);
  }

  std::vector<callback> take_waiting(const job& what, const result<host_addresses>& answer) {
    const std::lock_guard lock(mutex_);
    --busy_;
    keep(what.host, answer);
    const auto own = lanes_.find(what.lane);
    if (closed_ || own == lanes_.end())
      return {};
    --own->second.running;
    auto open = own->second.open.extract(what.host);
    if (own->second.open.empty())
      lanes_.erase(own);
    return open.empty() ? std::vector<callback>{} : std::move(open.mapped().waiting);
  }

  void keep(const std::string& host, const result<host_addresses>& answer) {
    const auto now = std::chrono::steady_clock::now();
    if (answers_.size() >= max_kept_answers)
      std::erase_if(answers_, [&](const auto& each) { return is_useless(each.second, now); });
    const auto before = answers_.find(host);
    if (!answer && answer.error().code == errc::unavailable && before != answers_.end() &&
        before->second.answer)
      return; // who does not answer has not said that the old addresses are wrong
    if (answers_.size() >= max_kept_answers)
      answers_.clear();
    answers_.insert_or_assign(host,
                              kept_answer{answer, now + (answer ? settings_.keep : settings_.keep_failure)});
  }

  const resolver_settings settings_;
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::size_t busy_ = 0;
  std::map<std::string, lane> lanes_;
  std::unordered_map<std::string, kept_answer> answers_;
};

name_resolver::name_resolver(resolver_settings settings)
    : core_(std::make_shared<core>(std::move(settings))) {}

name_resolver::~name_resolver() {
  core_->close();
}

std::optional<known_addresses> name_resolver::known(const std::string& host, mono_time now) const {
  return core_->known(host, now);
}

void name_resolver::ask(const std::string& lane, const std::string& host, mono_time give_up_at,
                        callback done) {
  core_->ask(lane, host, give_up_at, std::move(done));
}

} // namespace plenary
