#pragma once

#include "actors/edge/http_client.hpp"
#include "node/net/address_guard.hpp"
#include "node/net/answer_reader.hpp"
#include "node/net/name_resolver.hpp"
#include "node/net/web_address.hpp"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace plenary {

/// Why a request brought no answer.
enum class http_failure {
  request, ///< it must not be sent
  queue,   ///< it waited too long for its turn
  look_up, ///< the name has no address, or nobody said so in time
  address, ///< the guard refused the address
  connect, ///< no connection, or no TLS that we trust
  timeout, ///< the answer did not come in time
  answer,  ///< what came is no HTTP answer, or ended early, or is too large
  closed   ///< the client shuts down
};

/// `request`, `queue`, ...
std::string_view to_string(http_failure why);

/// How a request ended: the answer, or what its sender is told and what the operator may know beyond it.
struct http_outcome {
  result<http_response> answer;
  http_failure why = http_failure::request; ///< of an error
  std::string detail{};                     ///< of an error, in libcurl's words; never for customers
};

/// One request on its way: owns libcurl's handle and collects the answer within the request's limits.
class curl_transfer {
public:
  /// `guard` outlives this; `ca_file` as in the client's settings.
  curl_transfer(http_request request, http_client::callback done, const address_guard& guard,
                std::string ca_file);

  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  /// Reads the URL and looks whether the request may be sent at all; fails with `malformed`.
  result<void> check();

  const http_request& request() const { return request_; }
  const web_address& where() const { return where_; }

  /// The request leaves its queue: its time starts to run.
  void leave(mono_time now) { left_at_ = now; }
  mono_time connect_deadline() const { return left_at_ + request_.connect_timeout; }

  /// Sets every option of the handle; `addresses` are those of the host, unless it is an address itself.
  result<void> prepare(const host_addresses& addresses, mono_time now);

  CURL* handle() const { return handle_.get(); }

  /// How libcurl ended the transfer.
  http_outcome outcome(CURLcode code, mono_time now);

  /// The transfer is not carried out, or not to its end.
  static http_outcome outcome(http_failure why, errc code, std::string told, const std::string& detail = {});

  /// What every failure before the connection is told as: nobody learns from it what lives inside.
  static http_outcome no_connection(http_failure why, const std::string& detail);

  /// Tells the sender.
  void finish(http_outcome how) { done_(std::move(how.answer)); }

private:
  struct easy_closer {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct list_closer {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  using list = std::unique_ptr<curl_slist, list_closer>;

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  void set_security();
  void set_limits(mono_time now);
  void set_addresses(const host_addresses& addresses);
  void set_method_and_body();
  void set_headers();
  http_outcome failed(CURLcode code) const;

  http_request request_;
  http_client::callback done_;
  const address_guard& guard_;
  std::string ca_file_;
  web_address where_;
  bool inside_too_ = false;
  mono_time left_at_{};
  answer_reader reader_;
  bool address_refused_ = false;
  std::unique_ptr<CURL, easy_closer> handle_;
  list headers_;
  list resolved_;
  char reason_[CURL_ERROR_SIZE] = {};
};

} // namespace plenary
