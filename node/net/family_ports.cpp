#include "node/net/family_ports.hpp"

#include <fmt/format.h>

#include <numeric>

namespace plenary {

namespace {

/// Indexes of the versions alternate, so that each has half of them.
constexpr std::size_t versions = 2;

audio::port_index to_common(audio::port_index port, std::size_t which) {
  return static_cast<audio::port_index>(port * versions + which);
}

audio::port_index to_own(audio::port_index port) {
  return static_cast<audio::port_index>(port / versions);
}

port_lease to_own(const port_lease& lease) {
  return {to_own(lease.port), lease.id};
}

} // namespace

result<std::unique_ptr<family_ports>> family_ports::make(const std::vector<media_port_settings>& families,
                                                         const media_ports::opened_callback& opened) {
  PLENARY_ASSERT(!families.empty());
  auto made = std::make_unique<family_ports>();
  for (const auto& settings : families) {
    const auto which = made->families_.size();
    auto ports = media_ports::make(settings, [opened, which](audio::port_index port, int rtp, int rtcp) {
      return opened(to_common(port, which), rtp, rtcp);
    });
    if (!ports)
      return tl::unexpected<error>(ports.error());
    const auto version = audio::make_endpoint(settings.address, 0)->family;
    if (made->find(version))
      return fail(errc::malformed, fmt::format("'{}' is a second IPv{} address", settings.address, version));
    made->families_.push_back({version, std::move(*ports)});
  }
  return made;
}

// -- which version ------------------------------------------------------------------------------------------

std::optional<std::size_t> family_ports::find(std::uint8_t version) const {
  for (std::size_t i = 0; i < families_.size(); ++i)
    if (families_[i].version == version)
      return i;
  return std::nullopt;
}

result<std::size_t> family_ports::choose(const media_claim& claim, std::uint8_t preferred) const {
  const auto& media = claim.media;
  if (media.family != 0 && !is_unspecified(media)) {
    if (auto found = find(media.family))
      return *found;
    return fail(errc::not_acceptable,
                fmt::format("SDP names an IPv{} address, and this node has media addresses of IPv{} alone",
                            media.family, families_.front().version));
  }
  for (auto version : {preferred, claim.signalling.family, media.family})
    if (auto found = find(version))
      return *found;
  return std::size_t{0};
}

media_ports& family_ports::of(audio::port_index port) const {
  return *families_.at(port % versions).ports;
}

result<port_lease> family_ports::acquire(const media_claim& claim, std::uint8_t preferred, mono_time now) {
  auto which = choose(claim, preferred);
  if (!which)
    return tl::unexpected<error>(which.error());
  return families_[*which].ports->acquire(claim, now).map([which](const port_lease& lease) {
    return port_lease{to_common(lease.port, *which), lease.id};
  });
}

// -- handed on ----------------------------------------------------------------------------------------------

void family_ports::settle(const port_lease& lease, const audio::endpoint& source, std::uint32_t offer) {
  of(lease.port).settle(to_own(lease), source, offer);
}

void family_ports::expect(const port_lease& lease, const media_claim& claim) {
  of(lease.port).expect(to_own(lease), claim);
}

void family_ports::release(const port_lease& lease, mono_time now) {
  of(lease.port).release(to_own(lease), now);
}

void family_ports::disturb(audio::port_index port, mono_time now) {
  of(port).disturb(to_own(port), now);
}

void family_ports::prepare(mono_time now) {
  for (const auto& each : families_)
    each.ports->prepare(now);
}

std::vector<closing_pair> family_ports::take_idle(mono_time now) {
  std::vector<closing_pair> idle;
  for (std::size_t i = 0; i < families_.size(); ++i)
    for (auto pair : families_[i].ports->take_idle(now)) {
      pair.port = to_common(pair.port, i);
      idle.push_back(pair);
    }
  return idle;
}

std::size_t family_ports::open_pairs() const {
  return std::accumulate(families_.begin(), families_.end(), std::size_t{0},
                         [](std::size_t sum, const family& each) { return sum + each.ports->open_pairs(); });
}

audio::endpoint family_ports::told_address(audio::port_index port) const {
  return of(port).told_address(to_own(port));
}

int family_ports::rtp_socket(audio::port_index port) const {
  return of(port).rtp_socket(to_own(port));
}

int family_ports::rtcp_socket(audio::port_index port) const {
  return of(port).rtcp_socket(to_own(port));
}

} // namespace plenary
