// libre keeps a sorted list of timers in which every short timer walks past all those of 32 s: the cost of
// a call grows with the number of calls. The definitions below stand in the program itself, so the dynamic
// linker binds libre's calls to them; `check_timers` proves it at start-up. They also move the timers from
// the wall clock to the monotonic one.
#include "node/sip/timers.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <set>

namespace {

using entry = std::pair<std::uint64_t, tmr*>;

std::set<entry>& timers_of_thread() {
  thread_local std::set<entry> timers;
  return timers;
}

std::uint64_t monotonic_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000'000;
}

} // namespace

extern "C" {

void tmr_init(struct tmr* timer) {
  if (timer != nullptr)
    std::memset(timer, 0, sizeof *timer);
}

void tmr_start(struct tmr* timer, std::uint64_t delay, tmr_h* handler, void* arg) {
  if (timer == nullptr)
    return;
  auto& timers = timers_of_thread();
  if (timer->th != nullptr)
    timers.erase({timer->jfs, timer});
  timer->th = handler;
  timer->arg = arg;
  if (handler == nullptr)
    return;
  timer->jfs = monotonic_ms() + delay;
  timers.emplace(timer->jfs, timer);
}

void tmr_cancel(struct tmr* timer) {
  tmr_start(timer, 0, nullptr, nullptr);
}

std::uint64_t tmr_get_expire(const struct tmr* timer) {
  if (timer == nullptr || timer->th == nullptr)
    return 0;
  const auto now = monotonic_ms();
  return timer->jfs > now ? timer->jfs - now : 0;
}

void tmr_poll(struct list*) {
  auto& timers = timers_of_thread();
  const auto now = monotonic_ms();
  while (!timers.empty() && timers.begin()->first <= now) {
    auto* timer = timers.begin()->second;
    timers.erase(timers.begin());
    // The handler may free the timer or start it again.
    auto* handler = std::exchange(timer->th, nullptr);
    handler(timer->arg);
  }
}

std::uint64_t tmr_next_timeout(struct list*) {
  const auto& timers = timers_of_thread();
  if (timers.empty())
    return 0; // libre reads this as "no timer"
  const auto now = monotonic_ms();
  return timers.begin()->first <= now ? 1 : timers.begin()->first - now;
}

} // extern "C"

namespace plenary::sip_layer {

std::size_t armed_timers() {
  return timers_of_thread().size();
}

void stack_timer::start(std::chrono::milliseconds delay) {
  const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(0, delay.count()));
  tmr_start(
      &timer_, ms, [](void* self) { static_cast<stack_timer*>(self)->on_expiry_(); }, this);
}

result<void> check_timers() {
  // A keepalive is the smallest object of libre that arms a timer by itself; it is gone before it sends.
  re_ptr<udp_sock> socket;
  re_ptr<stun_keepalive> probe;
  sa loopback;
  sa_set_str(&loopback, "127.0.0.1", 0);
  const auto before = armed_timers();
  if (udp_listen(socket.out(), &loopback, nullptr, nullptr) != 0 ||
      stun_keepalive_alloc(probe.out(), IPPROTO_UDP, socket.get(), 0, &loopback, nullptr, nullptr, nullptr) !=
          0)
    return fail(errc::internal, "SIP stack self-test: no probe for the timers");
  stun_keepalive_enable(probe.get(), 3600);
  const auto armed = armed_timers();
  probe.reset();
  if (armed != before + 1 || armed_timers() != before)
    return fail(errc::internal, "SIP stack self-test: libre does not use this program's timers");
  return {};
}

} // namespace plenary::sip_layer
