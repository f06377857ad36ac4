#include "tests/support/etcd_server.hpp"

#include <fmt/format.h>

#include <csignal>
#include <stdexcept>

namespace plenary::test {

namespace {

using namespace std::chrono_literals;

} // namespace

etcd_server::etcd_server() {
  start();
}

void etcd_server::start() {
  auto peers = fmt::format("http://127.0.0.1:{}", peer_port_);
  child_process_options options;
  options.arguments = {"etcd",
                       "--name",
                       "test",
                       "--data-dir",
                       (folder_.path() / "etcd").string(),
                       "--listen-client-urls",
                       endpoint(),
                       "--advertise-client-urls",
                       endpoint(),
                       "--listen-peer-urls",
                       peers,
                       "--initial-advertise-peer-urls",
                       peers,
                       "--initial-cluster",
                       "test=" + peers,
                       "--unsafe-no-fsync"};
  process_ = std::make_unique<child_process>(options);
  if (!process_->wait_for_text("ready to serve client requests", 30s) &&
      !process_->wait_for_text("serving insecure client requests", 1s))
    throw std::runtime_error("etcd does not start:\n" + process_->output());
}

void etcd_server::stop() {
  process_->signal(SIGKILL);
  process_->wait_for_exit(10s);
}

std::string etcd_server::endpoint() const {
  return fmt::format("http://127.0.0.1:{}", client_port_);
}

} // namespace plenary::test
