#pragma once

#include "schema/result.hpp"

#include <curl/curl.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <vector>

namespace plenary::link {

/// A pair of etcd; both are bytes.
struct etcd_entry {
  std::string key;
  std::string value;
};

/// Calls etcd's JSON gateway (v3) by libcurl, one after the other, from one thread; the first endpoint that
/// answers is kept until it fails.
class etcd_client {
public:
  /// `stop`, when it becomes true, ends a running call.
  etcd_client(std::vector<std::string> endpoints, const std::atomic<bool>& stop);
  ~etcd_client() { stop_watch(); }
  etcd_client(const etcd_client&) = delete;
  etcd_client& operator=(const etcd_client&) = delete;

  /// A lease that lives `ttl` after it was granted or kept alive last.
  result<std::string> grant_lease(std::chrono::seconds ttl);
  /// Fails with `not_found` when the lease has expired.
  result<void> keep_alive(const std::string& lease);
  /// Removes the lease and what hangs on it.
  result<void> revoke(const std::string& lease);
  result<void> put(const etcd_entry& entry, const std::string& lease);
  /// Every pair whose key starts with the prefix.
  result<std::vector<etcd_entry>> range(const std::string& prefix);

  /// Waits until something under the prefix has changed or the time is over; a change since the last call of
  /// this method is not missed. Fails when etcd is gone.
  result<bool> wait_for_change(const std::string& prefix, std::chrono::milliseconds limit);

private:
  using json = nlohmann::json;
  struct easy_deleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct multi_deleter {
    void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
  };
  struct list_deleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  result<json> call(const std::string& path, const json& body);
  void prepare(CURL* handle, const std::string& path, const std::string& body);
  result<void> start_watch(const std::string& prefix);
  void stop_watch();
  static std::size_t collect(char* bytes, std::size_t size, std::size_t count, void* into);
  static int keep_going(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  std::vector<std::string> endpoints_;
  const std::atomic<bool>& stop_;
  std::size_t current_ = 0;
  std::unique_ptr<curl_slist, list_deleter> headers_;
  std::unique_ptr<CURL, easy_deleter> calls_;
  std::unique_ptr<CURLM, multi_deleter> multi_;
  std::unique_ptr<CURL, easy_deleter> watch_; ///< null: no watch runs
  std::string watch_body_;
  std::string watched_; ///< received by the watch and not looked at
};

} // namespace plenary::link
