#include "node/link/kj_peer_network.hpp"

#include "node/link/hub.hpp"
#include "node/link/loop_thread.hpp"
#include "node/link/tls_identity.hpp"

#include <fmt/format.h>

#include <future>

namespace plenary {

namespace {

/// `HOST:PORT` with the port that the kernel chose.
std::string with_port(const std::string& address, std::uint16_t port) {
  auto colon = address.rfind(':');
  return fmt::format("{}:{}", address.substr(0, colon), port);
}

/// What lives on the loop: made there, destroyed there.
struct on_loop {
  on_loop(const link_settings& settings, peer_listener& listener, std::shared_ptr<link::task_queue> queue,
          kj::AsyncIoContext& io)
      : around{settings, settings.identity, listener, std::move(queue), io.provider->getTimer()} {
    around.status.customers = settings.customers;
  }

  /// Opens the socket; the port, or why not.
  result<std::uint16_t> open(kj::AsyncIoContext& io) {
    const auto& settings = around.settings;
    link::hub::sockets opened{io.provider->getNetwork(), {}, nullptr};
    if (!settings.tls.empty()) {
      auto tls = link::make_tls_context(settings.tls, around.timer, settings.greeting_limit);
      if (!tls)
        return tl::unexpected(tls.error());
      opened.tls = std::move(*tls);
    }
    auto thrown = kj::runCatchingExceptions([&] {
      auto address =
          opened.network.parseAddress({settings.listen.c_str(), settings.listen.size()}).wait(io.waitScope);
      opened.listening = address->listen();
    });
    KJ_IF_MAYBE (why, thrown) {
      return fail(errc::network, fmt::format("cannot listen on {} for links between nodes: {}",
                                             settings.listen, why->getDescription().cStr()));
    }
    auto port = static_cast<std::uint16_t>(opened.listening->getPort());
    auto& address = around.own.address;
    if (address.empty())
      address = with_port(settings.listen, port);
    else if (address.ends_with(":0"))
      address = with_port(address, port);
    hub.emplace(around, kj::mv(opened));
    return port;
  }

  link::environment around;
  std::optional<link::hub> hub;
};

} // namespace

class kj_peer_network::life {
public:
  struct started {
    std::uint16_t port = 0;
    peer_identity identity;
  };

  life(link_settings settings, peer_listener& listener)
      : settings_(std::move(settings))
      , queue_(std::make_shared<link::task_queue>())
      , thread_(queue_, *settings_.log, [this, &listener](kj::AsyncIoContext& io) {
        auto made = std::make_shared<on_loop>(settings_, listener, queue_, io);
        auto port = made->open(io);
        if (port)
          hub_ = &*made->hub;
        started_.set_value(port.map([&](std::uint16_t number) { return started{number, made->around.own}; }));
        return made;
      }) {}

  result<started> wait_for_start() { return started_.get_future().get(); }

  /// Runs `work(hub)` on the loop; false when there is none any more.
  template <class Work>
  bool post(Work work) {
    return queue_->post([this, shared = std::make_shared<Work>(std::move(work))] { (*shared)(*hub_); });
  }

private:
  link_settings settings_;
  std::shared_ptr<link::task_queue> queue_;
  std::promise<result<started>> started_;
  link::hub* hub_ = nullptr; ///< of the loop's thread alone
  link::loop_thread thread_; ///< last: it is joined first
};

kj_peer_network::kj_peer_network() = default;
kj_peer_network::~kj_peer_network() = default;

result<std::unique_ptr<kj_peer_network>> kj_peer_network::start(link_settings settings,
                                                                peer_listener& listener) {
  PLENARY_ASSERT(settings.counters != nullptr && settings.log != nullptr);
  std::unique_ptr<kj_peer_network> network{new kj_peer_network};
  network->life_ = std::make_unique<life>(std::move(settings), listener);
  auto started = network->life_->wait_for_start();
  if (!started)
    return tl::unexpected(started.error());
  network->port_ = started->port;
  network->identity_ = std::move(started->identity);
  return network;
}

result<void> kj_peer_network::load_tls(const link_tls_files& files) {
  auto loaded = std::make_shared<std::promise<result<void>>>();
  auto outcome = loaded->get_future();
  if (!life_->post([files, loaded](link::hub& links) { loaded->set_value(links.load_tls(files)); }))
    return fail(errc::unavailable, "the links have ended");
  return outcome.get();
}

void kj_peer_network::use_loaded_tls() {
  life_->post([](link::hub& links) { links.use_loaded_tls(); });
}

void kj_peer_network::set_customers(const customer_digests& customers, std::uint64_t configuration) {
  life_->post(
      [customers, configuration](link::hub& links) { links.set_customers(customers, configuration); });
}

void kj_peer_network::ask(const node_name& peer, peer_request what, std::chrono::milliseconds deadline,
                          callback done) {
  life_->post([peer, what = std::move(what), deadline, done = std::move(done)](link::hub& links) mutable {
    links.ask(peer, what, deadline, std::move(done));
  });
}

void kj_peer_network::set_status(member_status status) {
  life_->post(
      [status = std::move(status)](link::hub& links) mutable { links.set_status(std::move(status)); });
}

void kj_peer_network::set_addresses(std::vector<std::string> addresses) {
  life_->post([addresses = std::move(addresses)](link::hub& links) { links.set_addresses(addresses); });
}

void kj_peer_network::cut(const node_name& peer, std::chrono::milliseconds pause) {
  life_->post([peer, pause](link::hub& links) { links.cut(peer, pause); });
}

} // namespace plenary
