#include "node/http/http_server.hpp"

#include "node/http/http_core.hpp"

#include <boost/asio/post.hpp>

namespace plenary {

result<std::unique_ptr<http_server>> http_server::start(http_server_options options, request_handler& handler,
                                                        telemetry& meters, logger& log) {
  auto core = std::make_shared<http_core>(std::move(options), handler, meters, log);
  if (auto listening = core->listen(); !listening)
    return tl::unexpected<error>(listening.error());
  std::unique_ptr<http_server> server{new http_server{std::move(core)}};
  return server;
}

http_server::http_server(std::shared_ptr<http_core> core)
    : core_(std::move(core))
    , port_(core_->acceptor.local_endpoint().port()) {
  core_->accept_next();
  thread_ = std::thread{[running = core_] { running->io.run(); }};
}

http_server::~http_server() {
  stop();
}

std::uint16_t http_server::port() const {
  return port_;
}

void http_server::bound(std::size_t max_connections, std::size_t max_connections_per_address) {
  boost::asio::post(core_->io, [core = core_.get(), max_connections, max_connections_per_address] {
    core->options.max_connections = max_connections;
    core->options.max_connections_per_address = max_connections_per_address;
  });
}

void http_server::stop() {
  if (!thread_.joinable())
    return;
  boost::asio::post(core_->io, [core = core_.get()] { core->stop(); });
  thread_.join();
}

} // namespace plenary
