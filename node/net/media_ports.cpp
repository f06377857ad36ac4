#include "node/net/media_ports.hpp"

#include "node/net/udp_socket.hpp"

#include <unistd.h>

#include <algorithm>

namespace plenary {

namespace {

struct socket_pair {
  int rtp = -1;
  int rtcp = -1;
};

/// Binds `local` and the next port; with port 0 the system's choice must be even.
result<socket_pair> open_sockets(const audio::endpoint& local) {
  auto rtp = open_udp_socket(local);
  if (!rtp)
    return tl::unexpected<error>(rtp.error());
  auto control = bound_address(*rtp);
  if (control.port % 2 == 0) {
    ++control.port;
    if (auto rtcp = open_udp_socket(control))
      return socket_pair{*rtp, *rtcp};
  }
  close(*rtp);
  return fail(errc::network, fmt::format("no free port beside {}", audio::to_string(control)));
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
  auto made = std::unique_ptr<media_ports>(new media_ports(settings, *base, std::move(opened)));
  made->told_ = *told;
  return made;
}

media_ports::media_ports(const media_port_settings& settings, const audio::endpoint& base,
                         opened_callback opened)
    : settings_(settings)
    , base_(base)
    , opened_(std::move(opened))
    , sockets_(std::make_unique<std::array<sockets, max_pairs>>())
    , next_port_(settings.first_port + settings.first_port % 2U) {}

media_ports::~media_ports() {
  for (auto& open : *sockets_) {
    if (open.rtp >= 0)
      close(open.rtp);
    if (open.rtcp >= 0)
      close(open.rtcp);
  }
}

bool media_ports::has_place(const pair& candidate, const audio::endpoint& expected) const {
  return candidate.unsettled == 0 && candidate.legs.size() < settings_.max_legs_per_port &&
         std::none_of(candidate.legs.begin(), candidate.legs.end(), [&expected](const auto& leg) {
           return expected.family != 0 && leg.second == expected;
         });
}

result<port_lease> media_ports::acquire(const audio::endpoint& expected) {
  std::lock_guard lock(mutex_);
  auto found = std::find_if(pairs_.begin(), pairs_.end(),
                            [&](const pair& candidate) { return has_place(candidate, expected); });
  auto port = static_cast<audio::port_index>(found - pairs_.begin());
  if (found == pairs_.end()) {
    auto opened = open_pair();
    if (!opened)
      return tl::unexpected<error>(opened.error());
    port = *opened;
  }
  port_lease lease{port, next_id_++};
  pairs_[port].legs[lease.id] = expected;
  pairs_[port].unsettled = lease.id;
  return lease;
}

result<audio::port_index> media_ports::open_pair() {
  constexpr int system_choices = 64;
  auto index = static_cast<audio::port_index>(pairs_.size());
  for (int tries = 0; pairs_.size() < max_pairs; ++tries) {
    auto local = base_;
    if (settings_.first_port != 0) {
      if (next_port_ >= settings_.last_port)
        break;
      local.port = static_cast<std::uint16_t>(next_port_);
      next_port_ += 2;
    } else if (tries == system_choices) {
      break;
    }
    auto opened = open_sockets(local);
    if (!opened)
      continue; // taken by another program: the next pair may be free
    pairs_.push_back({bound_address(opened->rtp), {}, 0});
    (*sockets_)[index].rtp = opened->rtp;
    (*sockets_)[index].rtcp = opened->rtcp;
    opened_(index, opened->rtp, opened->rtcp);
    return index;
  }
  return fail(errc::limit_reached, fmt::format("no media port left of {}:{}-{}", settings_.address,
                                               settings_.first_port, settings_.last_port));
}

void media_ports::settle(const port_lease& lease) {
  std::lock_guard lock(mutex_);
  if (pairs_[lease.port].unsettled == lease.id)
    pairs_[lease.port].unsettled = 0;
}

void media_ports::expect(const port_lease& lease, const audio::endpoint& expected) {
  std::lock_guard lock(mutex_);
  auto& where = pairs_[lease.port];
  auto& known = where.legs.at(lease.id);
  if (known == expected)
    return;
  known = expected;
  if (where.unsettled == 0)
    where.unsettled = lease.id;
}

void media_ports::release(const port_lease& lease) {
  std::lock_guard lock(mutex_);
  pairs_[lease.port].legs.erase(lease.id);
  if (pairs_[lease.port].unsettled == lease.id)
    pairs_[lease.port].unsettled = 0;
}

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
