#include "node/config/media_addresses.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenary {

namespace {

int family_of_literal(const std::string& literal) {
  return literal.find(':') == std::string::npos ? 4 : 6;
}

/// The literal, or the IPv4 address that it maps.
std::string without_mapping(const std::string& literal) {
  in6_addr wide{};
  if (inet_pton(AF_INET6, literal.c_str(), &wide) != 1 || !IN6_IS_ADDR_V4MAPPED(&wide))
    return literal;
  return fmt::format("{}.{}.{}.{}", wide.s6_addr[12], wide.s6_addr[13], wide.s6_addr[14], wide.s6_addr[15]);
}

} // namespace

std::string media_addresses::of_family(int family) const {
  const auto found = std::find_if(texts.begin(), texts.end(), [family](const std::string& literal) {
    return family_of_literal(literal) == family;
  });
  return found == texts.end() ? std::string{} : *found;
}

result<media_addresses> make_media_addresses(const std::vector<std::string>& literals) {
  media_addresses made;
  for (const auto& literal : literals) {
    auto plain = without_mapping(literal);
    const auto family = family_of_literal(plain);
    if (!made.of_family(family).empty())
      return fail(
          errc::malformed,
          fmt::format("holds two IPv{} addresses, must hold one IPv4 and one IPv6 address at most", family));
    made.texts.push_back(std::move(plain));
  }
  return made;
}

} // namespace plenary
