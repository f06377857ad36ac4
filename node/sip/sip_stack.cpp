#include "node/sip/sip_stack.hpp"

#include "node/sip/message_reader.hpp"
#include "node/sip/silence.hpp"
#include "node/sip/timers.hpp"
#include "node/sip/tls_files.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cstring>
#include <mutex>

namespace plenary::sip_layer {

namespace {

/// Descriptors that libre can poll: every number the process may get, not only those of SIP.
constexpr int max_descriptors = 65'536;
/// Buckets for transactions and connections (powers of two), for 5,000 calls and 32 s of finished ones.
constexpr std::uint32_t transaction_buckets = 16'384;
constexpr std::uint32_t connection_buckets = 4'096;

sip_transp to_libre(signalling_transport transport) {
  switch (transport) {
  case signalling_transport::udp:
    return SIP_TRANSP_UDP;
  case signalling_transport::tcp:
    return SIP_TRANSP_TCP;
  case signalling_transport::tls:
    return SIP_TRANSP_TLS;
  }
  return SIP_TRANSP_UDP;
}

int append(const char* text, std::size_t size, void* whole) {
  static_cast<std::string*>(whole)->append(text, size);
  return 0;
}

} // namespace

result<std::unique_ptr<sip_stack>> sip_stack::open(const sip_settings& settings, edge_observers observers,
                                                   edge_state& state) {
  static std::once_flag once;
  std::call_once(once, [] { libre_init(); });
  if (re_thread_init() != 0)
    return fail(errc::internal, "libre has no place for another thread");
  std::unique_ptr<sip_stack> opened(new sip_stack(settings, observers, state));
  if (auto ready = opened->prepare(); !ready)
    return tl::unexpected(ready.error());
  return opened;
}

sip_stack::sip_stack(const sip_settings& settings, edge_observers observers, edge_state& state)
    : settings_(settings)
    , observers_(observers)
    , state_(state)
    , refused_(observers.log, std::chrono::steady_clock::now()) {}

sip_stack::~sip_stack() {
  fd_close(state_.commands.descriptor());
  if (request_listener_ != nullptr)
    mem_deref(request_listener_);
  if (response_listener_ != nullptr)
    mem_deref(response_listener_);
  dispatcher_.reset(); // dialogs and requests go before the stack they refer to
  if (stack_)
    sip_close(stack_.get(), true);
  stack_.reset();
  gate_.reset();
  re_thread_close();
}

result<void> sip_stack::prepare() {
  if (fd_setsize(max_descriptors) != 0 || poll_method_set(METHOD_EPOLL) != 0)
    return fail(errc::internal, "libre cannot poll");
  if (auto checked = check_timers(); !checked)
    return checked;
  auto judge = admission::make(settings_);
  if (!judge)
    return tl::unexpected(judge.error());
  admission_ = std::move(*judge);
  gate_ = std::make_unique<wire_gate>(settings_, *admission_, observers_.counters, observers_.log, refused_);
  const auto agent = settings_.user_agent.empty() ? "Plenary/" PLENARY_VERSION : settings_.user_agent;
  if (sip_alloc(stack_.out(), nullptr, transaction_buckets, transaction_buckets, connection_buckets,
                agent.c_str(), nullptr, this) != 0)
    return fail(errc::internal, "libre has no SIP stack");
  dispatcher_ =
      std::make_unique<dispatcher>(stack_.get(), settings_, *admission_, observers_, state_, refused_);
  for (const auto& address : settings_.listen)
    if (auto listening = listen(address); !listening)
      return listening;
  sip_set_trace_handler(stack_.get(), on_trace);
  if (sip_listen(&request_listener_, stack_.get(), true, on_request, this) != 0 ||
      sip_listen(&response_listener_, stack_.get(), false, on_response, this) != 0 ||
      fd_listen(state_.commands.descriptor(), FD_READ, on_mailbox, this) != 0)
    return fail(errc::internal, "libre takes no listener");
  return {};
}

result<void> sip_stack::listen(const sip_address& address) {
  sa local;
  if (sa_set_str(&local, address.host.c_str(), address.port) != 0)
    return fail(errc::malformed, fmt::format("'{}' is no address to listen on", to_string(address)));
  int error = 0;
  if (address.transport == signalling_transport::tls) {
    if (auto loaded = load_certificate(settings_); !loaded)
      return tl::unexpected(loaded.error());
    else
      certificate_.use(std::move(*loaded));
    auto context = make_tls(certificate_);
    if (!context)
      return tl::unexpected(context.error());
    error = sip_transp_add(stack_.get(), SIP_TRANSP_TLS, &local, context->get());
  } else {
    error = sip_transp_add(stack_.get(), to_libre(address.transport), &local);
  }
  if (error == 0 && address.transport == signalling_transport::udp &&
      gate_->guarded_sockets() != ++udp_sockets_)
    return fail(errc::internal, "SIP stack self-test: libre does not use this program's sockets");
  if (error != 0)
    return fail(errc::network,
                fmt::format("cannot listen on {}: {}", to_string(address), std::strerror(error)));
  auto filled = bound(address);
  if (!filled)
    return tl::unexpected(filled.error());
  addresses_.push_back(std::move(*filled));
  return {};
}

result<sip_address> sip_stack::bound(const sip_address& asked) const {
  // The ports that the system chose stand nowhere but in libre's overview: `transports:`, then a line
  // `  127.0.0.1:5060 (UDP)` for each, in the order of the calls.
  std::string overview;
  re_printf_h* const print = reinterpret_cast<re_printf_h*>(sip_debug);
  struct ::re_printf target {
    append, &overview
  };
  print(&target, stack_.get());
  std::string_view rest(overview);
  for (std::size_t line = 0; line <= addresses_.size(); ++line) {
    const auto end = rest.find('\n');
    if (end == std::string_view::npos)
      break;
    rest.remove_prefix(end + 1);
  }
  const auto text = rest.substr(0, rest.find(" ("));
  auto filled = asked;
  const auto colon = text.rfind(':');
  const auto digits = colon == std::string_view::npos ? std::string_view{} : text.substr(colon + 1);
  const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), filled.port);
  if (error != std::errc{} || filled.port == 0 || (asked.port != 0 && asked.port != filled.port))
    return fail(errc::internal, fmt::format("libre does not tell the port of {}", to_string(asked)));
  return filled;
}

void sip_stack::reload(std::shared_ptr<ssl_ctx_st> certificate) {
  PLENARY_ASSERT(admission_->replace(settings_).has_value()); // sip_edge::check has made one of them
  dispatcher_->take_limits();
  gate_->take_limits();
  if (certificate)
    certificate_.use(std::move(certificate));
}

void sip_stack::run() {
  // It returns only when left or when polling is impossible: then nothing of SIP would work any more.
  PLENARY_ASSERT(re_main(nullptr) == 0);
}

void sip_stack::leave() {
  re_cancel();
}

void sip_stack::on_trace(bool sent, sip_transp, const sa* source, const sa*, const std::uint8_t*, std::size_t,
                         void* self) {
  if (!sent)
    static_cast<sip_stack*>(self)->state_.packet_source = *source;
}

bool sip_stack::on_request(const sip_msg* request, void* self) {
  auto& me = *static_cast<sip_stack*>(self);
  if (const auto undecodable = take_undecodable_packets(); undecodable != 0)
    me.observers_.counters.count(counter::sip_messages_malformed, undecodable);
  me.dispatcher_->on_request(*request);
  return true;
}

bool sip_stack::on_response(const sip_msg* response, void* self) {
  return static_cast<sip_stack*>(self)->dispatcher_->on_stray_response(*response);
}

void sip_stack::on_mailbox(int, void* self) {
  static_cast<sip_stack*>(self)->state_.commands.drain();
}

} // namespace plenary::sip_layer
