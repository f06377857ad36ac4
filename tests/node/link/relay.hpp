#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace plenary::test {

/// Forwards TCP connections on loopback to another address until it is told to hold them: then nothing moves,
/// in neither direction, and nothing is closed, as with a frozen peer or a cable that is pulled.
class relay {
public:
  explicit relay(std::uint16_t target);
  ~relay();
  relay(const relay&) = delete;
  relay& operator=(const relay&) = delete;

  std::uint16_t port() const;
  std::string address() const { return "127.0.0.1:" + std::to_string(port()); }

  /// Stops or goes on to forward.
  void hold(bool held);

private:
  class loop;
  std::unique_ptr<loop> loop_;
};

} // namespace plenary::test
