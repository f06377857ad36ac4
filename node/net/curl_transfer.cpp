#include "node/net/curl_transfer.hpp"

#include "node/config/address_class.hpp"
#include "schema/foreign_text.hpp"

#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

namespace plenary {

namespace {

using std::chrono::milliseconds;

/// Longer than any transfer: libcurl never looks a name up itself while ours are in its cache.
constexpr long kept_addresses_s = 600;

constexpr std::string_view unreachable = "no connection to the server";
constexpr std::string_view cut_short = "the server ended its answer early";
constexpr std::string_view no_http = "the server's answer is no valid HTTP";

/// Shorthand: the options used here cannot fail for valid handles, so their result needs no check.
template <class Value>
void set(CURL* handle, CURLoption option, Value value) {
  curl_easy_setopt(handle, option, value);
}

bool has_line_break(std::string_view text) {
  return text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string_view::npos;
}

long whole_milliseconds(std::chrono::nanoseconds left) {
  return std::max(long{1}, static_cast<long>(std::chrono::ceil<milliseconds>(left).count()));
}

constexpr std::array<std::string_view, 8> failure_names{"request", "queue",   "look_up", "address",
                                                        "connect", "timeout", "answer",  "closed"};

} // namespace

std::string_view to_string(http_failure why) {
  return failure_names[static_cast<std::size_t>(why)];
}

curl_transfer::curl_transfer(http_request request, http_client::callback done, const address_guard& guard,
                             std::string ca_file)
    : request_(std::move(request))
    , done_(std::move(done))
    , guard_(guard)
    , ca_file_(std::move(ca_file))
    , reader_(request_.max_response_bytes, request_.keep_body) {}

result<void> curl_transfer::check() {
  if (request_.method != "GET" && request_.method != "POST")
    return fail(errc::malformed, "the method is neither GET nor POST");
  if (request_.method == "GET" && !request_.body.empty())
    return fail(errc::malformed, "a GET request carries no body");
  for (const auto& [name, text] : request_.headers)
    if (name.empty() || has_line_break(name) || has_line_break(text))
      return fail(errc::malformed, "a request header is empty or holds a line break");
  auto where = read_web_address(request_.url);
  if (!where)
    return tl::unexpected<error>(where.error());
  where_ = std::move(*where);
  inside_too_ = request_.source == url_source::configuration && is_inside_host(where_.host);
  return {};
}

result<void> curl_transfer::prepare(const host_addresses& addresses, mono_time now) {
  handle_.reset(curl_easy_init());
  if (!handle_)
    return fail(errc::internal, "the request cannot be made");
  set(handle(), CURLOPT_PRIVATE, this);
  set(handle(), CURLOPT_ERRORBUFFER, reason_);
  set(handle(), CURLOPT_URL, request_.url.c_str());
  set_security();
  set_limits(now);
  set_addresses(addresses);
  set_method_and_body();
  set_headers();
  return {};
}

void curl_transfer::set_security() {
  auto* curl = handle();
  set(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  set(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(curl, CURLOPT_FOLLOWLOCATION, 0L);
  set(curl, CURLOPT_PROXY, "");
  set(curl, CURLOPT_NOSIGNAL, 1L);
  set(curl, CURLOPT_SSL_VERIFYPEER, 1L);
  set(curl, CURLOPT_SSL_VERIFYHOST, 2L);
  set(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!ca_file_.empty())
    set(curl, CURLOPT_CAINFO, ca_file_.c_str());
  set(curl, CURLOPT_OPENSOCKETFUNCTION, &curl_transfer::on_open_socket);
  set(curl, CURLOPT_OPENSOCKETDATA, this);
  // A kept connection to an inside host passed the guard under the operator's rules, not under a customer's.
  const bool foreign = request_.source == url_source::customer && is_inside_host(where_.host);
  set(curl, CURLOPT_FRESH_CONNECT, foreign ? 1L : 0L);
}

void curl_transfer::set_limits(mono_time now) {
  auto* curl = handle();
  set(curl, CURLOPT_CONNECTTIMEOUT_MS, whole_milliseconds(connect_deadline() - now));
  set(curl, CURLOPT_TIMEOUT_MS, whole_milliseconds(left_at_ + request_.total_timeout - now));
  set(curl, CURLOPT_HEADERFUNCTION, &curl_transfer::on_header);
  set(curl, CURLOPT_HEADERDATA, this);
  set(curl, CURLOPT_WRITEFUNCTION, &curl_transfer::on_body);
  set(curl, CURLOPT_WRITEDATA, this);
}

/// `+`: the entry may be forgotten when it is old, unlike what libcurl's users usually put there.
void curl_transfer::set_addresses(const host_addresses& addresses) {
  if (addresses.empty())
    return;
  std::string joined;
  for (const auto& each : addresses)
    joined += (joined.empty() ? "" : ",") + (each.find(':') == std::string::npos ? each : "[" + each + "]");
  for (const auto* dot : {"", "."}) // `host.` is another key for libcurl
    resolved_.reset(curl_slist_append(
        resolved_.release(), fmt::format("+{}{}:{}:{}", where_.host, dot, where_.port, joined).c_str()));
  set(handle(), CURLOPT_RESOLVE, resolved_.get());
  set(handle(), CURLOPT_DNS_CACHE_TIMEOUT, kept_addresses_s);
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

void curl_transfer::set_headers() {
  // Without this, libcurl waits up to a second for "100 Continue" before it sends a larger body.
  headers_.reset(curl_slist_append(nullptr, "Expect:"));
  curl_slist_append(headers_.get(), "Accept-Encoding: identity");
  for (const auto& [name, text] : request_.headers) {
    // libcurl's way to send a header without a value ends in a semicolon.
    auto line = text.empty() ? fmt::format("{};", name) : fmt::format("{}: {}", name, text);
    curl_slist_append(headers_.get(), line.c_str());
  }
  set(handle(), CURLOPT_HTTPHEADER, headers_.get());
}

std::size_t curl_transfer::on_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<curl_transfer*>(self)->reader_.header_line({bytes, size * count}) ? size * count : 0;
}

std::size_t curl_transfer::on_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  return static_cast<curl_transfer*>(self)->reader_.body({bytes, size * count}) ? size * count : 0;
}

curl_socket_t curl_transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<curl_transfer*>(self);
  if (!transfer.guard_.may_connect(address->addr, transfer.inside_too_)) {
    transfer.address_refused_ = true;
    return CURL_SOCKET_BAD;
  }
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

http_outcome curl_transfer::outcome(http_failure why, errc code, std::string told,
                                    const std::string& detail) {
  return {tl::unexpected<error>(error{code, std::move(told)}), why, cut_foreign_text(detail)};
}

http_outcome curl_transfer::no_connection(http_failure why, const std::string& detail) {
  return outcome(why, errc::network, std::string{unreachable}, detail);
}

http_outcome curl_transfer::outcome(CURLcode code, mono_time now) {
  if (code != CURLE_OK)
    return failed(code);
  if (!reader_.head_complete())
    return outcome(http_failure::answer, errc::network, std::string{cut_short}, "cut inside its header");
  long status = 0;
  curl_easy_getinfo(handle(), CURLINFO_RESPONSE_CODE, &status);
  auto& response = reader_.response();
  response.status = static_cast<int>(status);
  response.elapsed = std::chrono::ceil<milliseconds>(now - left_at_);
  return {std::move(response)};
}

http_outcome curl_transfer::failed(CURLcode code) const {
  const std::string detail{reason_[0] != '\0' ? reason_ : curl_easy_strerror(code)};
  if (!reader_.fault().empty())
    return outcome(http_failure::answer, errc::limit_reached, reader_.fault());
  curl_off_t connected_after = 0;
  curl_easy_getinfo(handle(), CURLINFO_PRETRANSFER_TIME_T, &connected_after);
  if (connected_after == 0 && address_refused_)
    return no_connection(http_failure::address, "refused by http_client.allow_networks: an inside address");
  if (connected_after == 0)
    return no_connection(http_failure::connect, detail);
  switch (code) {
  case CURLE_OPERATION_TIMEDOUT:
    return outcome(http_failure::timeout, errc::timeout,
                   fmt::format("no answer within {} ms", request_.total_timeout.count()), detail);
  case CURLE_GOT_NOTHING:
  case CURLE_PARTIAL_FILE:
  case CURLE_RECV_ERROR:
  case CURLE_SEND_ERROR:
    return outcome(http_failure::answer, errc::network, std::string{cut_short}, detail);
  default:
    return outcome(http_failure::answer, errc::network, std::string{no_http}, detail);
  }
}

} // namespace plenary
