#include "actors/audio/endpoint.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

namespace plenary::audio {

result<endpoint> make_endpoint(std::string_view address, std::uint16_t port) {
  const std::string text(address); // inet_pton wants a terminator
  endpoint made;
  made.port = port;
  // A NUL inside would hide the rest of the text from inet_pton.
  const auto whole = text.find('\0') == std::string::npos;
  if (whole && inet_pton(AF_INET, text.c_str(), made.address.data()) == 1)
    made.family = 4;
  else if (whole && inet_pton(AF_INET6, text.c_str(), made.address.data()) == 1)
    made.family = 6;
  else
    return fail(errc::malformed, fmt::format("'{}' is no IP address", text.substr(0, INET6_ADDRSTRLEN)));
  return made;
}

std::string address_text(const endpoint& where) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (where.family == 4)
    inet_ntop(AF_INET, where.address.data(), text.data(), static_cast<socklen_t>(text.size()));
  else if (where.family == 6)
    inet_ntop(AF_INET6, where.address.data(), text.data(), static_cast<socklen_t>(text.size()));
  return text.data();
}

std::string to_string(const endpoint& where) {
  const auto address = address_text(where);
  return where.family == 6 ? fmt::format("[{}]:{}", address, where.port)
                           : fmt::format("{}:{}", address, where.port);
}

} // namespace plenary::audio
