#pragma once

#include <cstdint>
#include <string>

namespace plenary::test {

/// A range of ports below the kernel's ephemeral ones that no other living object of this class holds, in
/// this process or another one (a file lock keeps it, so a killed process gives it back).
class port_range {
public:
  static constexpr std::uint16_t size = 200;

  port_range();
  ~port_range();
  port_range(const port_range&) = delete;
  port_range& operator=(const port_range&) = delete;

  /// The range's first port; even.
  std::uint16_t first() const { return first_; }
  /// The range's last port.
  std::uint16_t last() const { return static_cast<std::uint16_t>(first_ + size - 1); }
  /// `first-last`, as the configuration writes it.
  std::string text() const;

private:
  std::uint16_t first_ = 0;
  int lock_ = -1;
};

/// A TCP port on 127.0.0.1 that nobody listens on now; nothing stops others from taking it later.
std::uint16_t unused_tcp_port();

} // namespace plenary::test
