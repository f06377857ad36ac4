#include "node/sip/sip_settings.hpp"

#include <fmt/format.h>

namespace plenary {

namespace {

std::string_view prefix_of(signalling_transport transport) {
  switch (transport) {
  case signalling_transport::udp:
    return "udp:";
  case signalling_transport::tcp:
    return "tcp:";
  case signalling_transport::tls:
    return "tls:";
  }
  return "udp:";
}

} // namespace

std::string to_string(const sip_address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", prefix_of(address.transport), v6 ? "[" : "", address.host, v6 ? "]" : "",
                     address.port);
}

} // namespace plenary
