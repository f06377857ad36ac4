#include "tests/node/link/relay.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <stdexcept>
#include <thread>
#include <vector>

namespace plenary::test {

namespace {

constexpr int turn_ms = 5;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

} // namespace

class relay::loop {
public:
  explicit loop(std::uint16_t target)
      : target_(target)
      , listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    if (::bind(listening_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(listening_, 16) != 0)
      throw std::runtime_error("relay cannot listen");
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { run(); }};
  }

  ~loop() {
    stopped_ = true;
    thread_.join();
    for (auto& both : pairs_)
      close_pair(both);
    ::close(listening_);
  }

  std::atomic<bool> held_{false};
  std::uint16_t port_ = 0;

private:
  using pair = std::array<int, 2>;

  static void close_pair(const pair& both) {
    ::close(both[0]);
    ::close(both[1]);
  }

  void run() {
    while (!stopped_) {
      const bool held = held_;
      std::vector<pollfd> waiting{{held ? -1 : listening_, POLLIN, 0}};
      if (!held)
        for (const auto& both : pairs_)
          for (int end : both)
            waiting.push_back({end, POLLIN, 0});
      ::poll(waiting.data(), waiting.size(), turn_ms);
      if (held)
        continue;
      forward(waiting);
      if ((waiting[0].revents & POLLIN) != 0)
        accept_one();
    }
  }

  void forward(const std::vector<pollfd>& ready) {
    std::vector<pair> alive;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      auto open = move_bytes(pairs_[i], 0, ready[2 * i + 1]) && move_bytes(pairs_[i], 1, ready[2 * i + 2]);
      if (open)
        alive.push_back(pairs_[i]);
      else
        close_pair(pairs_[i]);
    }
    pairs_ = std::move(alive);
  }

  static bool move_bytes(const pair& both, std::size_t from, const pollfd& ready) {
    if (ready.revents == 0)
      return true;
    std::array<char, 65536> bytes{};
    auto size = ::recv(both[from], bytes.data(), bytes.size(), 0);
    return size > 0 &&
           ::send(both[1 - from], bytes.data(), static_cast<std::size_t>(size), MSG_NOSIGNAL) == size;
  }

  void accept_one() {
    int near = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    int far = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(target_);
    if (::connect(far, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
      return close_pair({near, far});
    pairs_.push_back({near, far});
  }

  std::uint16_t target_;
  int listening_;
  std::vector<pair> pairs_;
  std::atomic<bool> stopped_{false};
  std::thread thread_;
};

relay::relay(std::uint16_t target)
    : loop_(std::make_unique<loop>(target)) {}

relay::~relay() = default;

std::uint16_t relay::port() const {
  return loop_->port_;
}

void relay::hold(bool held) {
  loop_->held_ = held;
}

} // namespace plenary::test
