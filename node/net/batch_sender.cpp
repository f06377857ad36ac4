#include "node/net/batch_sender.hpp"

#include "node/net/udp_socket.hpp"

#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <vector>

namespace plenary {

namespace {

/// Most messages that sendmmsg takes at once (UIO_MAXIOV).
constexpr std::size_t max_messages = 1024;

/// The kernel's view of up to max_messages packets of one port.
class message_run {
public:
  std::size_t size() const { return used_; }

  void add(const audio::packet_batch::entry& packet) {
    auto at = used_++;
    auto length = to_sockaddr(packet.to, addresses_[at]);
    auto& parts = parts_[at];
    std::size_t count = 0;
    if (!packet.whole)
      parts[count++] = {const_cast<std::uint8_t*>(packet.header.data()), packet.header.size()};
    parts[count++] = {const_cast<std::uint8_t*>(packet.payload.data()), packet.payload.size()};
    msghdr header{};
    header.msg_name = &addresses_[at];
    header.msg_namelen = length;
    header.msg_iov = parts.data();
    header.msg_iovlen = count;
    messages_[at] = {header, 0};
  }

  void flush(int socket, sent_counts& counts) {
    std::size_t done = 0;
    while (done < used_) {
      int sent = sendmmsg(socket, &messages_[done], static_cast<unsigned>(used_ - done), MSG_DONTWAIT);
      if (sent > 0) {
        counts.sent += static_cast<std::uint64_t>(sent);
        done += static_cast<std::size_t>(sent);
      } else if (errno == EINTR) {
        continue;
      } else {
        ++counts.failed; // this packet only: the next one may have another way
        ++done;
      }
    }
    used_ = 0;
  }

private:
  std::array<mmsghdr, max_messages> messages_{};
  std::array<std::array<iovec, 2>, max_messages> parts_{};
  std::array<sockaddr_storage, max_messages> addresses_{};
  std::size_t used_ = 0;
};

} // namespace

sent_counts send_batch(const audio::packet_batch& batch,
                       const std::function<int(audio::port_index)>& socket_of) {
  thread_local auto run = std::make_unique<message_run>();
  thread_local std::vector<const audio::packet_batch::entry*> ordered;
  ordered.clear();
  for (const auto& packet : batch.entries())
    ordered.push_back(&packet);
  std::sort(ordered.begin(), ordered.end(), [](const auto* a, const auto* b) { return a->from < b->from; });
  sent_counts counts;
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    run->add(*ordered[i]);
    bool last_of_port = i + 1 == ordered.size() || ordered[i + 1]->from != ordered[i]->from;
    if (last_of_port || run->size() == max_messages)
      run->flush(socket_of(ordered[i]->from), counts);
  }
  return counts;
}

} // namespace plenary
