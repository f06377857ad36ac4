#include "node/net/curl_http_client.hpp"

#include "node/net/curl_transfer.hpp"

#include <atomic>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>
#include <vector>

namespace plenary {

namespace {

/// Longest sleep of the loop; wake-ups come earlier, this only bounds a lost one.
constexpr int poll_timeout_ms = 1000;

void initialise_curl() {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  PLENARY_ASSERT(once == CURLE_OK);
}

} // namespace

/// libcurl's event loop with its thread. Only `send` and `stop` are called from other threads.
class curl_http_client::loop {
public:
  explicit loop(http_client_settings settings);
  ~loop();

  void send(http_request request, callback done);

private:
  struct multi_closer {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  using transfer_ptr = std::unique_ptr<curl_transfer>;

  void run();
  std::vector<transfer_ptr> take_new();
  void start_new();
  void start(transfer_ptr transfer);
  void finish_done();
  void fail_all();

  http_client_settings settings_;
  std::unique_ptr<CURLM, multi_closer> multi_;
  std::atomic<bool> stopping_ = false;
  std::mutex mutex_;
  std::vector<transfer_ptr> new_; ///< guarded by `mutex_`
  std::unordered_map<CURL*, transfer_ptr> running_;
  std::thread thread_;
};

curl_http_client::loop::loop(http_client_settings settings)
    : settings_(std::move(settings)) {
  initialise_curl();
  multi_.reset(curl_multi_init());
  PLENARY_ASSERT(multi_ != nullptr);
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_HOST_CONNECTIONS, long{settings_.max_connections_per_host});
  curl_multi_setopt(multi_.get(), CURLMOPT_MAX_TOTAL_CONNECTIONS, long{settings_.max_connections});
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, long{settings_.max_connections});
  thread_ = std::thread{[this] { run(); }};
}

curl_http_client::loop::~loop() {
  stopping_ = true;
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void curl_http_client::loop::send(http_request request, callback done) {
  auto transfer = std::make_unique<curl_transfer>(std::move(request), std::move(done), settings_);
  {
    std::lock_guard lock{mutex_};
    new_.push_back(std::move(transfer));
  }
  curl_multi_wakeup(multi_.get());
}

void curl_http_client::loop::run() {
  while (!stopping_) {
    start_new();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    finish_done();
    curl_multi_poll(multi_.get(), nullptr, 0, poll_timeout_ms, nullptr);
  }
  fail_all();
}

std::vector<curl_http_client::loop::transfer_ptr> curl_http_client::loop::take_new() {
  std::lock_guard lock{mutex_};
  return std::exchange(new_, {});
}

void curl_http_client::loop::start_new() {
  for (auto& transfer : take_new())
    start(std::move(transfer));
}

void curl_http_client::loop::start(transfer_ptr transfer) {
  if (auto prepared = transfer->prepare(); !prepared)
    return transfer->finish(prepared.error());
  auto* handle = transfer->handle();
  if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK)
    return transfer->finish(error{errc::internal, "libcurl refused the request"});
  running_.emplace(handle, std::move(transfer));
}

void curl_http_client::loop::finish_done() {
  int left = 0;
  while (auto* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE)
      continue;
    auto code = message->data.result;
    auto node = running_.extract(message->easy_handle);
    PLENARY_ASSERT(!node.empty());
    node.mapped()->finish(code);
    curl_multi_remove_handle(multi_.get(), node.key());
  }
}

void curl_http_client::loop::fail_all() {
  const error why{errc::unavailable, "the HTTP client is shutting down"};
  for (auto& [handle, transfer] : running_) {
    curl_multi_remove_handle(multi_.get(), handle);
    transfer->finish(why);
  }
  running_.clear();
  for (auto fresh = take_new(); !fresh.empty(); fresh = take_new())
    for (auto& transfer : fresh)
      transfer->finish(why);
}

curl_http_client::curl_http_client(http_client_settings settings)
    : loop_(std::make_unique<loop>(std::move(settings))) {}

curl_http_client::~curl_http_client() = default;

void curl_http_client::send(http_request request, callback done) {
  loop_->send(std::move(request), std::move(done));
}

} // namespace plenary
