#include "node/sip/sip_settings.hpp"

#include "node/sip/ip_network.hpp"

#include <charconv>

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

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return !text.empty() && error == std::errc{} && end == text.data() + text.size();
}

} // namespace

result<sip_address> parse_sip_address(std::string_view text, signalling_transport fallback) {
  const auto whole = text;
  sip_address address{fallback, {}, 0};
  for (auto transport : {signalling_transport::udp, signalling_transport::tcp, signalling_transport::tls})
    if (text.starts_with(prefix_of(transport))) {
      address.transport = transport;
      text.remove_prefix(prefix_of(transport).size());
      break;
    }
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || !read_port(text.substr(colon + 1), address.port))
    return fail(errc::malformed, fmt::format("SIP address '{}': no port, expected udp:HOST:PORT", whole));
  auto host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']')
    host = host.substr(1, host.size() - 2);
  if (!sip_layer::parse_ip(host))
    return fail(errc::malformed, fmt::format("SIP address '{}': '{}' is no IP address", whole, host));
  address.host = host;
  return address;
}

std::string to_string(const sip_address& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", prefix_of(address.transport), v6 ? "[" : "", address.host, v6 ? "]" : "",
                     address.port);
}

} // namespace plenary
