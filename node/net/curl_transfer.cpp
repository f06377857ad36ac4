#include "node/net/curl_transfer.hpp"

#include "node/net/address_guard.hpp"

#include <sys/socket.h>

#include <algorithm>

namespace plenary {

namespace {

/// Shorthand: the options used here cannot fail for valid handles, so their result needs no check.
template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  curl_easy_setopt(handle, option, value);
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos;
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

errc to_errc(CURLcode code) {
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return errc::timeout;
  case CURLE_URL_MALFORMAT:
  case CURLE_UNSUPPORTED_PROTOCOL:
    return errc::malformed;
  case CURLE_FILESIZE_EXCEEDED:
    return errc::limit_reached;
  case CURLE_OUT_OF_MEMORY:
  case CURLE_FAILED_INIT:
    return errc::internal;
  default:
    return errc::network;
  }
}

} // namespace

curl_transfer::curl_transfer(http_request request, http_client::callback done,
                             const http_client_settings& settings)
    : request_(std::move(request))
    , done_(std::move(done))
    , settings_(settings)
    , handle_(curl_easy_init()) {}

result<void> curl_transfer::prepare() {
  if (!handle_)
    return fail(errc::internal, "libcurl gave no handle");
  if (request_.method != "GET" && request_.method != "POST")
    return fail(errc::malformed, fmt::format("method {} is neither GET nor POST", request_.method));
  if (request_.method == "GET" && !request_.body.empty())
    return fail(errc::malformed, "a GET request carries no body");
  auto* curl = handle();
  set(curl, CURLOPT_PRIVATE, this);
  set(curl, CURLOPT_ERRORBUFFER, reason_);
  set(curl, CURLOPT_URL, request_.url.c_str());
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  if (!settings_.ca_file.empty())
    set(curl, CURLOPT_CAINFO, settings_.ca_file.c_str());
  set_limits();
  set_method_and_body();
  return set_headers();
}

void curl_transfer::set_limits() {
  auto* curl = handle();
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request_.connect_timeout.count()));
  set(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request_.total_timeout.count()));
  set(curl, CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request_.max_response_bytes));
  set(curl, CURLOPT_HEADERFUNCTION, &curl_transfer::on_header);
  set(curl, CURLOPT_HEADERDATA, this);
  set(curl, CURLOPT_WRITEFUNCTION, &curl_transfer::on_body);
  set(curl, CURLOPT_WRITEDATA, this);
  set(curl, CURLOPT_OPENSOCKETFUNCTION, &curl_transfer::on_open_socket);
  set(curl, CURLOPT_OPENSOCKETDATA, this);
}

void curl_transfer::set_method_and_body() {
  if (request_.method == "GET") {
    set(handle(), CURLOPT_HTTPGET, 1L);
    return;
  }
  set(handle(), CURLOPT_POST, 1L);
  set(handle(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  set(handle(), CURLOPT_POSTFIELDS, request_.body.c_str());
}

result<void> curl_transfer::set_headers() {
  // Without this, libcurl waits up to a second for "100 Continue" before it sends a larger body.
  headers_.reset(curl_slist_append(nullptr, "Expect:"));
  for (const auto& [name, value] : request_.headers) {
    if (name.empty() || has_line_break(name) || has_line_break(value))
      return fail(errc::malformed, "a request header is empty or holds a line break");
    // libcurl's way to send a header without a value ends in a semicolon.
    auto line = value.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, value);
    curl_slist_append(headers_.get(), line.c_str());
  }
  set(handle(), CURLOPT_HTTPHEADER, headers_.get());
  return {};
}

bool curl_transfer::take(std::size_t bytes) {
  received_ += bytes;
  over_limit_ = over_limit_ || received_ > request_.max_response_bytes;
  return !over_limit_;
}

std::size_t curl_transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<curl_transfer*>(self);
  if (!transfer.take(size * count))
    return 0;
  transfer.add_header({bytes, size * count});
  return size * count;
}

std::size_t curl_transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<curl_transfer*>(self);
  if (!transfer.take(size * count))
    return 0;
  transfer.response_.body.append(bytes, size * count);
  return size * count;
}

curl_socket_t curl_transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<curl_transfer*>(self);
  if (!may_connect(address->addr, transfer.settings_.allow_private_networks)) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

void curl_transfer::add_header(std::string_view line) {
  if (line.starts_with("HTTP/")) // an interim answer (1xx) came before
    return response_.headers.clear();
  auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return;
  auto& value = response_.headers[lower_case(line.substr(0, colon))];
  value += value.empty() ? "" : ", "; // RFC 9110 section 5.3
  value += trimmed(line.substr(colon + 1));
}

void curl_transfer::finish(CURLcode code) {
  if (code != CURLE_OK)
    return finish(to_error(code));
  long status = 0;
  curl_off_t microseconds = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(handle(), CURLINFO_TOTAL_TIME_T, &microseconds);
  response_.status = static_cast<int>(status);
  response_.elapsed = std::chrono::ceil<std::chrono::milliseconds>(std::chrono::microseconds{microseconds});
  done_(std::move(response_));
}

void curl_transfer::finish(error why) {
  done_(tl::unexpected(std::move(why)));
}

error curl_transfer::to_error(CURLcode code) const {
  if (over_limit_)
    return {errc::limit_reached,
            fmt::format("the answer is larger than {} bytes", request_.max_response_bytes)};
  if (address_refused_ && code == CURLE_COULDNT_CONNECT)
    return {errc::network, "the address is not allowed (link-local, metadata or private)"};
  return {to_errc(code), reason_[0] != '\0' ? reason_ : curl_easy_strerror(code)};
}

} // namespace plenary
