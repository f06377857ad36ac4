#include "tests/support/stamped_datagrams.hpp"

#include <sys/socket.h>

#include <array>
#include <cstring>
#include <ctime>

namespace plenary::test {

namespace {

/// When the kernel took the datagram in; now when it does not say.
std::chrono::steady_clock::time_point arrival_of(msghdr& header) {
  const auto now = std::chrono::steady_clock::now();
  for (auto* part = CMSG_FIRSTHDR(&header); part != nullptr; part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_TIMESTAMPNS)
      continue;
    timespec stamp{};
    std::memcpy(&stamp, CMSG_DATA(part), sizeof stamp);
    const auto arrived = std::chrono::seconds(stamp.tv_sec) + std::chrono::nanoseconds(stamp.tv_nsec);
    const auto waited = std::chrono::system_clock::now().time_since_epoch() - arrived;
    if (waited > std::chrono::nanoseconds(0) && waited < std::chrono::seconds(10))
      return now - std::chrono::duration_cast<std::chrono::steady_clock::duration>(waited);
  }
  return now;
}

} // namespace

std::vector<received_datagram> receive_waiting(int socket) {
  std::vector<received_datagram> datagrams;
  std::array<char, 65536> buffer{};
  for (;;) {
    std::array<char, 256> control{};
    iovec part{buffer.data(), buffer.size()};
    msghdr header{};
    header.msg_iov = &part;
    header.msg_iovlen = 1;
    header.msg_control = control.data();
    header.msg_controllen = control.size();
    const auto size = ::recvmsg(socket, &header, MSG_DONTWAIT);
    if (size < 0)
      return datagrams;
    datagrams.push_back({std::string(buffer.data(), static_cast<std::size_t>(size)), arrival_of(header)});
  }
}

} // namespace plenary::test
