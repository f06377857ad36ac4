#include "node/ctl/ctl_client.hpp"

#include <curl/curl.h>
#include <fmt/format.h>

#include <memory>

namespace plenary {

namespace {

constexpr std::size_t most_bytes = std::size_t{16} * 1024 * 1024;

struct handle_closer {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct list_freer {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* target) {
  auto& body = *static_cast<std::string*>(target);
  if (body.size() + size * count > most_bytes)
    return 0; // libcurl fails with CURLE_WRITE_ERROR
  body.append(bytes, size * count);
  return size * count;
}

void set_limits(CURL* curl, std::chrono::milliseconds timeout) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
}

} // namespace

ctl_client::ctl_client(std::string key, std::chrono::milliseconds timeout)
    : key_(std::move(key))
    , timeout_(timeout) {
  static const CURLcode once = curl_global_init(CURL_GLOBAL_DEFAULT);
  PLENARY_ASSERT(once == CURLE_OK);
}

result<ctl_answer> ctl_client::call(const std::string& method, const std::string& url) const {
  return perform(method, url, key_);
}

result<ctl_answer> ctl_client::scrape(const std::string& url) const {
  return perform("GET", url, "");
}

result<ctl_answer> ctl_client::perform(const std::string& method, const std::string& url,
                                       const std::string& key) const {
  if (key.find_first_of("\r\n") != std::string::npos)
    return fail(errc::malformed, "the key holds a line break");
  std::unique_ptr<CURL, handle_closer> curl{curl_easy_init()};
  if (!curl)
    return fail(errc::internal, "libcurl gave no handle");
  std::unique_ptr<curl_slist, list_freer> headers;
  if (!key.empty())
    headers.reset(curl_slist_append(nullptr, ("Authorization: Bearer " + key).c_str()));
  ctl_answer answer;
  set_limits(curl.get(), timeout_);
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  if (method == "POST")
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, "");
  else if (method != "GET")
    curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  if (auto code = curl_easy_perform(curl.get()); code != CURLE_OK)
    return fail(code == CURLE_OPERATION_TIMEDOUT ? errc::timeout : errc::network,
                fmt::format("no answer from {}: {}", url.substr(0, url.find('?')), curl_easy_strerror(code)));
  long status = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &status);
  answer.status = static_cast<int>(status);
  return answer;
}

std::string percent_encoded(std::string_view text) {
  constexpr std::string_view plain = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (char c : text)
    if (plain.find(c) != std::string_view::npos)
      encoded += c;
    else
      encoded += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  return encoded;
}

} // namespace plenary
