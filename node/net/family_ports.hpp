#pragma once

#include "node/net/media_ports.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace plenary {

/// The media ports of a node, apart for each IP version that it has an address of: neither takes places from
/// the other. A port's index names its version too.
class family_ports {
public:
  /// One setting for each IP version, at least one; callers of no version in particular get the first.
  /// Fails like media_ports::make(), and with `malformed` when two are of one version.
  static result<std::unique_ptr<family_ports>> make(const std::vector<media_port_settings>& families,
                                                    const media_ports::opened_callback& opened);

  /// A place of the IP version of the claim's media; without such an address (or with 0.0.0.0 or ::) of
  /// `preferred` (4, 6; 0: none), else of the signalling's, as far as the node has them. Fails like
  /// media_ports::acquire(), and with `not_acceptable` when the node has no address of the media's version.
  result<port_lease> acquire(const media_claim& claim, std::uint8_t preferred, mono_time now);

  // As media_ports has them.
  void settle(const port_lease& lease, const audio::endpoint& source, std::uint32_t offer);
  void expect(const port_lease& lease, const media_claim& claim);
  void release(const port_lease& lease, mono_time now);
  void disturb(audio::port_index port, mono_time now);
  void prepare(mono_time now);
  std::vector<closing_pair> take_idle(mono_time now);
  std::size_t open_pairs() const;
  audio::endpoint told_address(audio::port_index port) const;
  int rtp_socket(audio::port_index port) const;
  int rtcp_socket(audio::port_index port) const;

private:
  struct family {
    std::uint8_t version = 4;
    std::unique_ptr<media_ports> ports;
  };

  std::optional<std::size_t> find(std::uint8_t version) const;
  result<std::size_t> choose(const media_claim& claim, std::uint8_t preferred) const;
  media_ports& of(audio::port_index port) const;

  std::vector<family> families_;
};

} // namespace plenary
