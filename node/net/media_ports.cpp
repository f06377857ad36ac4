#include "node/net/media_ports.hpp"

#include "node/net/udp_socket.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace plenary {

namespace {

/// Ports that one call tries to bind at most; the next call goes on behind them.
constexpr std::size_t max_tries = 256;

/// Pairs that are opened rather than let callers of one host wait on the same.
constexpr std::size_t comfortable_pairs = 64;

struct socket_pair {
  int rtp = -1;
  int rtcp = -1;
};

/// Binds `local` and the next port; with port 0 the system's choice must be even. Fails with `unavailable`
/// when another program has one of them.
result<socket_pair> open_sockets(const audio::endpoint& local) {
  auto rtp = open_udp_socket(local);
  if (!rtp)
    return tl::unexpected<error>(rtp.error());
  auto control = bound_address(*rtp);
  if (control.port % 2 != 0) {
    close(*rtp);
    return fail(errc::unavailable, "the system chose an odd port");
  }
  ++control.port;
  auto rtcp = open_udp_socket(control);
  if (rtcp)
    return socket_pair{*rtp, *rtcp};
  close(*rtp);
  return tl::unexpected<error>(rtcp.error());
}

} // namespace

result<std::unique_ptr<media_ports>> media_ports::make(const media_port_settings& settings,
                                                       opened_callback opened) {
  auto base = audio::make_endpoint(settings.address, 0);
  if (!base)
    return tl::unexpected<error>(base.error());
  auto told = settings.advertise.empty() ? base : audio::make_endpoint(settings.advertise, 0);
  if (!told)
    return tl::unexpected<error>(told.error());
  if (told->family != base->family)
    return fail(errc::malformed,
                fmt::format("'{}' is not of the IP version of '{}'", settings.advertise, settings.address));
  auto made = std::unique_ptr<media_ports>(new media_ports(settings, *base, std::move(opened)));
  made->told_ = *told;
  return made;
}

media_ports::media_ports(const media_port_settings& settings, const audio::endpoint& base,
                         opened_callback opened)
    : settings_(settings)
    , base_(base)
    , opened_(std::move(opened))
    , sockets_(std::make_unique<std::array<sockets, max_pairs>>()) {}

media_ports::~media_ports() {
  for (auto& one : *sockets_) {
    if (one.rtp >= 0)
      close(one.rtp);
    if (one.rtcp >= 0)
      close(one.rtcp);
  }
}

// -- which pair ---------------------------------------------------------------------------------------------

std::size_t media_ports::all_pairs() const {
  if (settings_.first_port == 0)
    return max_pairs;
  return settings_.last_port <= settings_.first_port ? 0
                                                     : (settings_.last_port - settings_.first_port + 1U) / 2;
}

bool media_ports::is_quiet(audio::port_index port, mono_time now) const {
  const mono_time disturbed{mono_time::duration{(*sockets_)[port].disturbed.load(std::memory_order_relaxed)}};
  return now - disturbed >= stream_memory::quiet;
}

bool media_ports::is_resting(audio::port_index port, mono_time now) const {
  const auto& where = pairs_[port];
  if (!where.rests || now - where.used >= settings_.rest)
    return false;
  return now - where.used < stream_memory::quiet || !is_quiet(port, now);
}

/// True when a caller of this host has left a moment ago: who calls again at once would seem to go on.
bool media_ports::has_left(const pair& where, const media_claim& claim, mono_time now) {
  return std::any_of(where.left.begin(), where.left.end(), [&](const auto& entry) {
    const auto& [source, when] = entry;
    return now - when < stream_memory::quiet &&
           (is_same_host(source, claim.media) || is_same_host(source, claim.signalling));
  });
}

media_ports::fit media_ports::fit_of(audio::port_index port, const media_claim& claim, mono_time now) const {
  const auto& where = pairs_[port];
  if (!where.open || where.legs.size() >= settings_.max_legs_per_port)
    return fit::full;
  if (where.taken.contains(claim.media))
    return fit::alike;
  bool crowded = false;
  for (auto id : where.waiting) {
    const auto& other = where.legs.at(id).claim;
    if (are_alike(claim, other))
      return fit::alike;
    crowded = crowded || may_mean_one_stream(claim, other);
  }
  if ((is_vague(claim) && is_resting(port, now)) || has_left(where, claim, now))
    return fit::resting;
  return crowded ? fit::crowded : fit::good;
}

result<audio::port_index> media_ports::find_place(const media_claim& claim, mono_time now) {
  std::optional<audio::port_index> crowded, resting;
  bool alike = false;
  for (std::size_t i = 0; i < pairs_.size(); ++i) {
    const auto port = static_cast<audio::port_index>(i);
    const auto how = fit_of(port, claim, now);
    if (how == fit::good)
      return port;
    alike = alike || how == fit::alike;
    if (how == fit::crowded && !crowded)
      crowded = port;
    if (how == fit::resting && !resting)
      resting = port;
  }
  if (crowded && open_.size() >= std::min(comfortable_pairs, all_pairs() / 4))
    return *crowded;
  if (alike && !crowded && !resting && open_.size() >= std::max<std::size_t>(all_pairs() / 2, 1))
    return fail(
        errc::limit_reached,
        fmt::format("{} of {} pairs of media ports are in use, and none can tell this caller from another",
                    open_.size(), all_pairs()));
  auto opened = open_pair(now);
  if (!opened && (crowded || resting))
    return crowded ? *crowded : *resting;
  return opened;
}

result<port_lease> media_ports::acquire(const media_claim& claim, mono_time now) {
  std::lock_guard lock(mutex_);
  auto port = find_place(claim, now);
  if (!port)
    return tl::unexpected<error>(port.error());
  port_lease lease{*port, next_id_++};
  auto& where = pairs_[*port];
  where.legs[lease.id] = {claim, true, {}};
  wait(where, lease.id, true);
  take(where, claim.media);
  return lease;
}

void media_ports::settle(const port_lease& lease, const audio::endpoint& source, std::uint32_t offer) {
  std::lock_guard lock(mutex_);
  auto& where = pairs_[lease.port];
  auto found = where.legs.find(lease.id);
  if (found == where.legs.end() || found->second.claim.offer != offer)
    return;
  give_back(where, std::exchange(found->second.source, source));
  take(where, source);
  wait(where, lease.id, false);
}

void media_ports::expect(const port_lease& lease, const media_claim& claim) {
  std::lock_guard lock(mutex_);
  auto& where = pairs_[lease.port];
  auto& leg = where.legs.at(lease.id);
  give_back(where, leg.claim.media);
  leg.claim = claim;
  take(where, claim.media);
  wait(where, lease.id, true);
}

void media_ports::release(const port_lease& lease, mono_time now) {
  std::lock_guard lock(mutex_);
  auto& where = pairs_[lease.port];
  wait(where, lease.id, false);
  auto leg = where.legs.extract(lease.id);
  give_back(where, leg.mapped().claim.media);
  give_back(where, leg.mapped().source);
  where.used = now;
  where.rests = true;
  std::erase_if(where.left, [now](const auto& entry) { return now - entry.second >= stream_memory::quiet; });
  if (const auto& source = leg.mapped().source; source.family != 0 && source != leg.mapped().claim.media)
    where.left.emplace_back(source, now);
}

void media_ports::wait(pair& where, std::uint64_t id, bool waits) {
  std::erase(where.waiting, id);
  where.legs.at(id).waits = waits;
  if (waits)
    where.waiting.push_back(id);
}

void media_ports::take(pair& where, const audio::endpoint& address) {
  if (address.family != 0 && !is_unspecified(address))
    where.taken.insert(address);
}

void media_ports::give_back(pair& where, const audio::endpoint& address) {
  if (auto found = where.taken.find(address); found != where.taken.end())
    where.taken.erase(found);
}

void media_ports::disturb(audio::port_index port, mono_time now) {
  (*sockets_)[port].disturbed.store(now.time_since_epoch().count(), std::memory_order_relaxed);
}

// -- opening and closing ------------------------------------------------------------------------------------

result<audio::port_index> media_ports::open_pair(mono_time now) {
  const auto all = all_pairs();
  for (std::size_t tries = 0; tries < std::min(all, max_tries) && open_.size() < all; ++tries) {
    auto local = base_;
    if (settings_.first_port != 0)
      local.port = static_cast<std::uint16_t>(settings_.first_port + next_pair_ * 2);
    if (!open_.contains(local.port)) {
      auto opened = open_sockets(local);
      if (opened) {
        next_pair_ = (next_pair_ + 1) % all;
        return adopt(opened->rtp, opened->rtcp, now);
      }
      if (opened.error().code != errc::unavailable) // nothing is wrong with this port: it stays the next
        return tl::unexpected<error>(opened.error());
    }
    next_pair_ = (next_pair_ + 1) % all;
  }
  return fail(errc::limit_reached, fmt::format("no media port left of {}:{}-{}", settings_.address,
                                               settings_.first_port, settings_.last_port));
}

result<audio::port_index> media_ports::adopt(int rtp, int rtcp, mono_time now) {
  const auto index = free_index();
  auto& where = pairs_[index];
  where = pair{};
  where.local = bound_address(rtp);
  where.open = true;
  where.used = now;
  open_.insert(where.local.port);
  auto& files = (*sockets_)[index];
  files.disturbed = 0;
  files.rtp = rtp;
  files.rtcp = rtcp;
  if (auto ready = opened_(index, rtp, rtcp); !ready) {
    shut(index);
    close(rtp);
    close(rtcp);
    return tl::unexpected<error>(ready.error());
  }
  return index;
}

audio::port_index media_ports::free_index() {
  auto closed = std::find_if(pairs_.begin(), pairs_.end(), [](const pair& each) { return !each.open; });
  if (closed == pairs_.end())
    closed = pairs_.emplace(pairs_.end());
  return static_cast<audio::port_index>(closed - pairs_.begin());
}

void media_ports::prepare(mono_time now) {
  std::lock_guard lock(mutex_);
  const bool ready = std::any_of(pairs_.begin(), pairs_.end(), [&](const pair& each) {
    const auto port = static_cast<audio::port_index>(&each - pairs_.data());
    return each.open && each.waiting.empty() && each.legs.size() < settings_.max_legs_per_port &&
           !is_resting(port, now);
  });
  if (!ready && open_.size() < all_pairs() / 2)
    static_cast<void>(open_pair(now)); // when it cannot be had, the call that needs it says why
}

std::vector<closing_pair> media_ports::take_idle(mono_time now) {
  std::lock_guard lock(mutex_);
  std::vector<closing_pair> idle;
  for (auto i = pairs_.size(); i-- > 0 && open_.size() > kept_pairs;) {
    const auto port = static_cast<audio::port_index>(i);
    auto& where = pairs_[i];
    if (!where.open || !where.legs.empty() || now - where.used < idle_time || is_resting(port, now))
      continue;
    const auto& files = (*sockets_)[i];
    idle.push_back({port, files.rtp, files.rtcp});
    shut(port);
  }
  return idle;
}

/// The pair is no more; its sockets are whoever asked's to close.
void media_ports::shut(audio::port_index port) {
  auto& files = (*sockets_)[port];
  files.rtp = -1;
  files.rtcp = -1;
  open_.erase(pairs_[port].local.port);
  pairs_[port].open = false;
}

std::size_t media_ports::open_pairs() const {
  std::lock_guard lock(mutex_);
  return open_.size();
}

// -- questions ----------------------------------------------------------------------------------------------

audio::endpoint media_ports::told_address(audio::port_index port) const {
  std::lock_guard lock(mutex_);
  auto told = told_;
  told.port = pairs_[port].local.port;
  return told;
}

int media_ports::rtp_socket(audio::port_index port) const {
  return (*sockets_)[port].rtp;
}

int media_ports::rtcp_socket(audio::port_index port) const {
  return (*sockets_)[port].rtcp;
}

} // namespace plenary
