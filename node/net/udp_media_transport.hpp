#pragma once

#include "actors/edge/log.hpp"
#include "actors/edge/media_transport.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/net/family_ports.hpp"
#include "node/net/media_receiver.hpp"

#include <memory>

namespace plenary {

/// Media over UDP sockets: ports that legs share, one receive thread, batched sends.
class udp_media_transport final : public media_transport {
public:
  /// One setting for each IP version. Fails with `malformed` when an address is no IP literal.
  static result<std::unique_ptr<udp_media_transport>> make(const std::vector<media_port_settings>& families,
                                                           telemetry& meters);

  result<std::unique_ptr<media_session>> open(receive_settings settings,
                                              std::shared_ptr<audio::packet_ring> ring,
                                              std::function<void(media_event)> on_event) override;

  void transmit(audio::packet_batch& batch) override;

private:
  class session;

  explicit udp_media_transport(telemetry& meters)
      : meters_(meters) {}
  media_observers observers();

  telemetry& meters_;
  std::unique_ptr<family_ports> ports_;
  std::unique_ptr<media_receiver> receiver_; ///< ends before the ports close
};

} // namespace plenary
