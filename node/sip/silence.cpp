// libre writes a line to stderr for every bad packet, which lets a stranger flood the log. This definition
// takes the place of its printing function; what it would have said about bad packets is counted.
#include "node/sip/silence.hpp"

#include "node/sip/libre.hpp"

#include <cstring>

namespace {
thread_local std::uint64_t undecodable_packets = 0;
}

extern "C" int re_fprintf(FILE*, const char* format, ...) {
  if (format != nullptr && std::strstr(format, "decode err") != nullptr)
    ++undecodable_packets;
  return 0;
}

namespace plenary::sip_layer {

std::uint64_t take_undecodable_packets() {
  return std::exchange(undecodable_packets, 0);
}

} // namespace plenary::sip_layer
