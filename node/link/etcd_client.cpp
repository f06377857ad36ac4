#include "node/link/etcd_client.hpp"

#include "actors/leg/base64.hpp"
#include "schema/json.hpp"

#include <algorithm>

namespace plenary::link {

namespace {

using nlohmann::json;

constexpr long call_limit_ms = 1000; ///< a third of the lease
constexpr std::size_t largest_answer = 4u << 20;

template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  curl_easy_setopt(handle, option, value);
}

std::string encoded(const std::string& text) {
  return base64::encode({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()});
}

std::string decoded(const json& object, const char* member) {
  auto bytes = base64::decode(object.value(member, ""));
  return bytes ? std::string{bytes->begin(), bytes->end()} : std::string{};
}

/// The first key after all that start with the prefix.
std::string end_of(std::string prefix) {
  while (!prefix.empty() && prefix.back() == '\xff')
    prefix.pop_back();
  if (!prefix.empty())
    prefix.back() = static_cast<char>(prefix.back() + 1);
  return prefix;
}

/// Members of etcd's answers are read with care: it may be anything that listens on the port.
template <class Read>
auto read_answer(const json& answer, Read read) -> result<decltype(read(answer))> {
  try {
    return read(answer);
  } catch (const json::exception&) {
    return fail(errc::malformed, "etcd's answer is of an unknown form");
  }
}

} // namespace

etcd_client::etcd_client(std::vector<std::string> endpoints, const std::atomic<bool>& stop)
    : endpoints_(std::move(endpoints))
    , stop_(stop)
    , headers_(curl_slist_append(nullptr, "Content-Type: application/json"))
    , calls_(curl_easy_init())
    , multi_(curl_multi_init()) {
  PLENARY_ASSERT(!endpoints_.empty());
  PLENARY_ASSERT(calls_ && multi_ && headers_);
}

std::size_t etcd_client::collect(char* bytes, std::size_t size, std::size_t count, void* into) {
  auto& text = *static_cast<std::string*>(into);
  if (text.size() + size * count > largest_answer)
    return 0;
  text.append(bytes, size * count);
  return size * count;
}

int etcd_client::keep_going(void* stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return *static_cast<const std::atomic<bool>*>(stop) ? 1 : 0;
}

void etcd_client::prepare(CURL* handle, const std::string& path, const std::string& body) {
  set(handle, CURLOPT_URL, (endpoints_[current_] + path).c_str());
  set(handle, CURLOPT_HTTPHEADER, headers_.get());
  set(handle, CURLOPT_POSTFIELDS, body.c_str());
  set(handle, CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
  set(handle, CURLOPT_PROXY, "");
  set(handle, CURLOPT_NOSIGNAL, 1L);
  set(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  set(handle, CURLOPT_CONNECTTIMEOUT_MS, call_limit_ms);
  set(handle, CURLOPT_WRITEFUNCTION, &collect);
}

result<json> etcd_client::call(const std::string& path, const json& body) {
  auto text = body.dump();
  auto* handle = calls_.get();
  for (std::size_t tries = 0; tries < endpoints_.size(); ++tries) {
    std::string answer;
    prepare(handle, path, text);
    set(handle, CURLOPT_WRITEDATA, &answer);
    set(handle, CURLOPT_TIMEOUT_MS, call_limit_ms);
    set(handle, CURLOPT_NOPROGRESS, 0L);
    set(handle, CURLOPT_XFERINFOFUNCTION, &keep_going);
    set(handle, CURLOPT_XFERINFODATA, &stop_);
    auto code = curl_easy_perform(handle);
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status == 200)
      return parse_json(answer, {largest_answer, 16});
    if (code == CURLE_OK && status == 404)
      return fail(errc::not_found, "etcd does not know it");
    current_ = (current_ + 1) % endpoints_.size();
    stop_watch();
  }
  return fail(errc::unavailable, "no etcd endpoint answers");
}

result<std::string> etcd_client::grant_lease(std::chrono::seconds ttl) {
  return call("/v3/lease/grant", {{"TTL", ttl.count()}}).and_then([](const json& answer) {
    return read_answer(answer, [](const json& got) { return got.at("ID").get<std::string>(); });
  });
}

result<void> etcd_client::keep_alive(const std::string& lease) {
  auto answer = call("/v3/lease/keepalive", {{"ID", lease}});
  if (!answer)
    return tl::unexpected(answer.error());
  auto ttl =
      read_answer(*answer, [](const json& got) { return got.at("result").value("TTL", std::string{"0"}); });
  if (!ttl)
    return tl::unexpected(ttl.error());
  if (*ttl == "0")
    return fail(errc::not_found, "the lease has expired");
  return {};
}

result<void> etcd_client::revoke(const std::string& lease) {
  return call("/v3/lease/revoke", {{"ID", lease}}).map([](const json&) {});
}

result<void> etcd_client::put(const etcd_entry& entry, const std::string& lease) {
  return call("/v3/kv/put", {{"key", encoded(entry.key)}, {"value", encoded(entry.value)}, {"lease", lease}})
      .map([](const json&) {});
}

result<std::vector<etcd_entry>> etcd_client::range(const std::string& prefix) {
  auto answer = call("/v3/kv/range", {{"key", encoded(prefix)}, {"range_end", encoded(end_of(prefix))}});
  if (!answer)
    return tl::unexpected(answer.error());
  return read_answer(*answer, [](const json& got) {
    std::vector<etcd_entry> entries;
    for (const auto& pair : got.value("kvs", json::array()))
      entries.push_back({decoded(pair, "key"), decoded(pair, "value")});
    return entries;
  });
}

result<void> etcd_client::start_watch(const std::string& prefix) {
  watch_.reset(curl_easy_init());
  watch_body_ =
      json{{"create_request", {{"key", encoded(prefix)}, {"range_end", encoded(end_of(prefix))}}}}.dump();
  watched_.clear();
  prepare(watch_.get(), "/v3/watch", watch_body_);
  set(watch_.get(), CURLOPT_WRITEDATA, &watched_);
  if (curl_multi_add_handle(multi_.get(), watch_.get()) != CURLM_OK)
    return fail(errc::internal, "the watch cannot be started");
  return {};
}

void etcd_client::stop_watch() {
  if (!watch_)
    return;
  curl_multi_remove_handle(multi_.get(), watch_.get());
  watch_.reset();
}

result<bool> etcd_client::wait_for_change(const std::string& prefix, std::chrono::milliseconds limit) {
  // etcd confirms a new watch with a first line, so that its start counts as a change: what happened before
  // it was not seen.
  if (!watch_)
    if (auto started = start_watch(prefix); !started)
      return tl::unexpected(started.error());
  int running = 0;
  auto end = std::chrono::steady_clock::now() + limit;
  do {
    curl_multi_perform(multi_.get(), &running);
    if (!watched_.empty() || running == 0 || stop_)
      break;
    auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
    curl_multi_poll(multi_.get(), nullptr, 0, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 50)),
                    nullptr);
  } while (std::chrono::steady_clock::now() < end);
  if (running == 0) {
    stop_watch();
    return fail(errc::unavailable, "the watch has ended");
  }
  auto changed = !watched_.empty();
  watched_.clear();
  return changed;
}

} // namespace plenary::link
