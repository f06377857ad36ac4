#include "node/sip/sip_edge.hpp"

#include "node/sip/sip_stack.hpp"
#include "node/sip/tls_files.hpp"

#include <pthread.h>

#include <algorithm>
#include <future>

namespace plenary {

using namespace sip_layer;

sip_edge::sip_edge(sip_settings settings)
    : settings_(std::move(settings))
    , state_(std::make_unique<edge_state>()) {}

sip_edge::~sip_edge() {
  stop();
}

result<std::unique_ptr<sip_edge>> sip_edge::start(sip_settings settings, signalling_listener& listener,
                                                  telemetry& counters, logger& log) {
  std::unique_ptr<sip_edge> edge(new sip_edge(std::move(settings)));
  std::promise<result<void>> opened;
  edge->thread_ =
      std::thread([&opened, self = edge.get(), observers = edge_observers{listener, counters, log}] {
        pthread_setname_np(pthread_self(), "sip");
        auto stack = sip_stack::open(self->settings_, observers, *self->state_);
        if (!stack) {
          opened.set_value(tl::unexpected(stack.error()));
          return;
        }
        // Before anything is received: whoever hears of a call answers it through the edge.
        self->stack_ = stack->get();
        self->addresses_ = (*stack)->addresses();
        opened.set_value({});
        (*stack)->run();
      });
  if (const auto open = opened.get_future().get(); !open) {
    edge->thread_.join();
    return tl::unexpected(open.error());
  }
  return edge;
}

result<sip_reload> sip_edge::check(sip_settings settings) const {
  if (auto judge = admission::make(settings); !judge)
    return tl::unexpected(judge.error());
  const bool with_tls = std::any_of(addresses_.begin(), addresses_.end(), [](const auto& address) {
    return address.transport == signalling_transport::tls;
  });
  sip_reload checked{std::move(settings), nullptr};
  if (!with_tls)
    return checked;
  auto certificate = load_certificate(checked.settings);
  if (!certificate)
    return tl::unexpected(certificate.error());
  checked.certificate = std::move(*certificate);
  return checked;
}

void sip_edge::reload(sip_reload checked) {
  std::promise<void> taken;
  state_->commands.post([this, &checked, &taken] {
    auto& next = checked.settings;
    // Of the stack's thread alone, like all that reads them.
    settings_.tls_certificate = std::move(next.tls_certificate);
    settings_.tls_key = std::move(next.tls_key);
    settings_.trunks = std::move(next.trunks);
    settings_.dids = std::move(next.dids);
    settings_.max_calls = next.max_calls;
    settings_.limits = std::move(next.limits);
    settings_.answer_strangers = next.answer_strangers;
    settings_.max_connections = next.max_connections;
    settings_.max_connections_per_address = next.max_connections_per_address;
    settings_.message_timeout = next.message_timeout;
    settings_.idle_timeout = next.idle_timeout;
    stack_->reload(std::move(checked.certificate));
    taken.set_value();
  });
  taken.get_future().wait();
}

void sip_edge::drain(bool on) {
  state_->draining = on;
}

void sip_edge::stop() {
  if (!thread_.joinable())
    return;
  state_->draining = true;
  state_->commands.post([stack = stack_] {
    stack->calls().shut_down();
    stack->leave();
  });
  thread_.join();
}

std::size_t sip_edge::active_calls() const {
  return state_->active_calls;
}

template <class Command>
void sip_edge::post(const call_id& id, Command command) {
  // The call may be gone when the command is carried out: it is looked up only then.
  state_->commands.post([stack = stack_, id, command = std::move(command)]() mutable {
    if (auto* call = stack->calls().find(id))
      command(*call);
  });
}

void sip_edge::ring(const call_id& id) {
  post(id, [](session& call) { call.ring(); });
}

void sip_edge::accept(const call_id& id, std::string sdp) {
  post(id, [sdp = std::move(sdp)](session& call) mutable { call.accept(std::move(sdp)); });
}

void sip_edge::reject(const call_id& id, rejection why) {
  state_->commands.post([stack = stack_, id, why = std::move(why)] { stack->calls().reject(id, why); });
}

void sip_edge::answer_offer(const call_id& id, std::string sdp) {
  post(id, [sdp = std::move(sdp)](session& call) mutable { call.answer_offer(std::move(sdp)); });
}

void sip_edge::refuse_offer(const call_id& id, rejection why) {
  post(id, [why = std::move(why)](session& call) { call.refuse_offer(why); });
}

void sip_edge::send_offer(const call_id& id, std::string sdp) {
  post(id, [sdp = std::move(sdp)](session& call) mutable { call.send_offer(std::move(sdp)); });
}

void sip_edge::hang_up(const call_id& id, hangup_cause cause) {
  post(id, [cause = std::move(cause)](session& call) { call.hang_up(cause); });
}

} // namespace plenary
