#include "node/net/curl_http_client.hpp"

#include "node/net/curl_transfer.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace plenary {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// Longest sleep of the loop; wake-ups come earlier, this only bounds a lost one.
constexpr milliseconds longest_sleep{1000};

using transfer_ptr = std::unique_ptr<curl_transfer>;
using ticket = request_lanes::ticket;

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  PLENARY_ASSERT(once == CURLE_OK);
}

counter counter_of(http_failure why) {
  switch (why) {
  case http_failure::look_up:
    return counter::http_client_failed_look_up;
  case http_failure::address:
    return counter::http_client_failed_address;
  case http_failure::connect:
    return counter::http_client_failed_connect;
  case http_failure::timeout:
    return counter::http_client_failed_timeout;
  case http_failure::queue:
    return counter::http_client_failed_queue;
  default:
    return counter::http_client_failed_answer;
  }
}

} // namespace

/// What other threads bring to the loop. Look-ups may outlive the client and find it closed.
class curl_http_client::inbox {
public:
  struct looked_up {
    ticket number;
    result<host_addresses> addresses;
  };
  struct content {
    std::vector<transfer_ptr> transfers;
    std::vector<looked_up> names;
  };

  explicit inbox(CURLM* wakes)
      : wakes_(wakes) {}

  void put(transfer_ptr transfer) {
    const std::lock_guard lock(mutex_);
    content_.transfers.push_back(std::move(transfer));
    wake();
  }

  void put(looked_up name) {
    const std::lock_guard lock(mutex_);
    content_.names.push_back(std::move(name));
    wake();
  }

  content take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(content_, {});
  }

  bool stopping() const {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    wake();
  }

  /// Nothing is woken from now on.
  void close() {
    const std::lock_guard lock(mutex_);
    wakes_ = nullptr;
  }

private:
  void wake() {
    if (wakes_ != nullptr)
      curl_multi_wakeup(wakes_);
  }

  mutable std::mutex mutex_;
  CURLM* wakes_;
  bool stopping_ = false;
  content content_;
};

/// libcurl's event loop with its thread. Only `send` and the destructor are called from other threads.
///
///   send --> [waiting in a lane] --a place is free--> [looking its host up] --> [transfer] --> finished
///                   | patience over                      | connect deadline         | place is free
///                   +--------------> finished <----------+                          v
class curl_http_client::loop {
public:
  explicit loop(http_client_settings settings);
  ~loop();

  void send(http_request request, callback done) {
    inbox_->put(
        std::make_unique<curl_transfer>(std::move(request), std::move(done), guard_, settings_.ca_file));
  }

private:
  struct multi_closer {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  using requests = std::unordered_map<ticket, transfer_ptr>;

  void run();
  void take_inbox();
  void queue(transfer_ptr transfer);
  void give_up_overdue();
  void start_next();
  void start(ticket number);
  void connect(ticket number, const host_addresses& addresses);
  void take_name(const inbox::looked_up& name);
  void finish_done();
  void fail_all();
  void end(ticket number, http_outcome how);
  void tell(curl_transfer& transfer, http_outcome how) const;
  int sleep_ms() const;

  request_lanes& lanes_of(const curl_transfer& transfer) {
    return transfer.request().purpose == http_purpose::document ? documents_ : webhooks_;
  }
  static lane_place place_of(const curl_transfer& transfer) {
    return {transfer.request().lane, transfer.where().place()};
  }

  const http_client_settings settings_;
  const address_guard guard_;
  std::unique_ptr<CURLM, multi_closer> multi_;
  std::shared_ptr<inbox> inbox_;
  name_resolver resolver_;
  request_lanes documents_;
  request_lanes webhooks_;
  ticket last_ticket_ = 0;
  requests waiting_;                            ///< for a place
  requests started_;                            ///< hold a place: looking up or in transfer
  std::map<mono_time, ticket> look_ups_;        ///< by their deadline
  std::unordered_map<CURL*, ticket> transfers_; ///< of `started_`, those that libcurl has
  std::thread thread_;
};

curl_http_client::loop::loop(http_client_settings settings)
    : settings_(std::move(settings))
    , guard_(settings_.allow_networks)
    , resolver_(settings_.resolver)
    , documents_(settings_.documents)
    , webhooks_(settings_.webhooks) {
  initialise_curl();
  multi_.reset(curl_multi_init());
  PLENARY_ASSERT(multi_ != nullptr);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.idle_connections));
  inbox_ = std::make_shared<inbox>(multi_.get());
  thread_ = std::thread{[this] { run(); }};
}

curl_http_client::loop::~loop() {
  inbox_->stop();
  thread_.join();
  inbox_->close();
}

void curl_http_client::loop::run() {
  while (!inbox_->stopping()) {
    take_inbox();
    give_up_overdue();
    start_next();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    finish_done();
    start_next();
    curl_multi_poll(multi_.get(), nullptr, 0, sleep_ms(), nullptr);
  }
  fail_all();
}

void curl_http_client::loop::take_inbox() {
  auto came = inbox_->take();
  for (auto& transfer : came.transfers)
    queue(std::move(transfer));
  for (const auto& name : came.names)
    take_name(name);
}

void curl_http_client::loop::queue(transfer_ptr transfer) {
  if (auto checked = transfer->check(); !checked)
    return tell(*transfer, {tl::unexpected(checked.error()), http_failure::request});
  const auto number = ++last_ticket_;
  if (!lanes_of(*transfer).wait(number, place_of(*transfer), steady_clock::now() + settings_.queue_patience))
    return tell(*transfer, curl_transfer::outcome(http_failure::queue, errc::limit_reached,
                                                  "too many requests of this customer wait already"));
  waiting_.emplace(number, std::move(transfer));
}

void curl_http_client::loop::give_up_overdue() {
  const auto now = steady_clock::now();
  for (auto* lanes : {&documents_, &webhooks_})
    for (auto number : lanes->give_up(now)) {
      auto waited = waiting_.extract(number);
      tell(*waited.mapped(), curl_transfer::outcome(http_failure::queue, errc::limit_reached,
                                                    "too many requests of this customer are under way"));
    }
  while (!look_ups_.empty() && look_ups_.begin()->first <= now) {
    const auto number = look_ups_.begin()->second;
    look_ups_.erase(look_ups_.begin());
    end(number, curl_transfer::no_connection(http_failure::look_up, "no name server answered in time"));
  }
}

void curl_http_client::loop::start_next() {
  for (auto* lanes : {&documents_, &webhooks_})
    while (auto number = lanes->leave())
      start(*number);
}

void curl_http_client::loop::start(ticket number) {
  auto& transfer = *started_.insert(waiting_.extract(number)).position->second;
  const auto now = steady_clock::now();
  transfer.leave(now);
  const auto& host = transfer.where().host;
  if (transfer.where().literal)
    return connect(number, {});
  if (auto known = resolver_.known(host, now)) {
    if (known->stale)
      resolver_.ask(transfer.request().lane, host, transfer.connect_deadline(), [](const auto&) {});
    return known->answer ? connect(number, *known->answer)
                         : end(number, curl_transfer::no_connection(http_failure::look_up,
                                                                    known->answer.error().message));
  }
  auto deadline = transfer.connect_deadline();
  while (!look_ups_.emplace(deadline, number).second)
    deadline += std::chrono::nanoseconds{1}; // two of one instant
  resolver_.ask(transfer.request().lane, host, deadline, [to = inbox_, number](result<host_addresses> found) {
    to->put(inbox::looked_up{number, std::move(found)});
  });
}

void curl_http_client::loop::take_name(const inbox::looked_up& name) {
  const auto open = std::find_if(look_ups_.begin(), look_ups_.end(),
                                 [&name](const auto& each) { return each.second == name.number; });
  if (open == look_ups_.end())
    return; // it came too late
  look_ups_.erase(open);
  if (name.addresses && !name.addresses->empty())
    return connect(name.number, *name.addresses);
  end(name.number,
      curl_transfer::no_connection(http_failure::look_up,
                                   name.addresses ? "no address" : name.addresses.error().message));
}

void curl_http_client::loop::connect(ticket number, const host_addresses& addresses) {
  auto& transfer = *started_.at(number);
  if (auto prepared = transfer.prepare(addresses, steady_clock::now()); !prepared)
    return end(number, {tl::unexpected(prepared.error()), http_failure::request});
  if (curl_multi_add_handle(multi_.get(), transfer.handle()) != CURLM_OK)
    return end(number,
               curl_transfer::outcome(http_failure::request, errc::internal, "the request cannot be made"));
  transfers_.emplace(transfer.handle(), number);
}

void curl_http_client::loop::finish_done() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    auto* handle = message->easy_handle;
    const auto code = message->data.result;
    curl_multi_remove_handle(multi_.get(), handle);
    const auto found = transfers_.extract(handle);
    if (found.empty())
      continue;
    end(found.mapped(), started_.at(found.mapped())->outcome(code, steady_clock::now()));
  }
}

void curl_http_client::loop::end(ticket number, http_outcome how) {
  auto ended = started_.extract(number);
  auto& transfer = *ended.mapped();
  lanes_of(transfer).end(place_of(transfer));
  tell(transfer, std::move(how));
}

/// Counts and logs before the sender hears of it; the log never holds a path, a query or a credential.
void curl_http_client::loop::tell(curl_transfer& transfer, http_outcome how) const {
  if (!how.answer && how.why != http_failure::closed) {
    if (settings_.meters != nullptr)
      settings_.meters->count(counter_of(how.why));
    if (settings_.log != nullptr)
      settings_.log->info("http_request_failed", {{"call", transfer.request().call},
                                                  {"lane", transfer.request().lane},
                                                  {"host", transfer.where().place()},
                                                  {"why", to_string(how.why)},
                                                  {"reason", how.answer.error().message},
                                                  {"detail", how.detail}});
  }
  transfer.finish(std::move(how));
}

void curl_http_client::loop::fail_all() {
  const auto closed =
      curl_transfer::outcome(http_failure::closed, errc::unavailable, "the HTTP client is shutting down");
  for (const auto& [handle, number] : transfers_)
    curl_multi_remove_handle(multi_.get(), handle);
  transfers_.clear();
  for (auto* open : {&started_, &waiting_})
    for (auto& [number, transfer] : std::exchange(*open, {}))
      tell(*transfer, closed);
  for (auto came = inbox_->take(); !came.transfers.empty(); came = inbox_->take())
    for (auto& transfer : came.transfers)
      tell(*transfer, closed);
}

int curl_http_client::loop::sleep_ms() const {
  auto until = steady_clock::now() + longest_sleep;
  for (const auto& next : {documents_.next_deadline(), webhooks_.next_deadline()})
    until = std::min(until, next.value_or(until));
  if (!look_ups_.empty())
    until = std::min(until, look_ups_.begin()->first);
  const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, longest_sleep.count()));
}

curl_http_client::curl_http_client(http_client_settings settings)
    : loop_(std::make_unique<loop>(std::move(settings))) {}

curl_http_client::~curl_http_client() = default;

void curl_http_client::send(http_request request, callback done) {
  loop_->send(std::move(request), std::move(done));
}

} // namespace plenary
