#pragma once

#include "actors/edge/http_client.hpp"
#include "node/net/curl_http_client.hpp"

#include <curl/curl.h>

#include <memory>
#include <string_view>

namespace plenary {

/// One request on its way: owns libcurl's handle and collects the answer within the request's limits.
class curl_transfer {
public:
  curl_transfer(http_request request, http_client::callback done, const http_client_settings& settings);

  curl_transfer(const curl_transfer&) = delete;
  curl_transfer& operator=(const curl_transfer&) = delete;

  /// Sets every option of the handle; fails with `malformed` for a request that must not be sent.
  result<void> prepare();

  CURL* handle() const { return handle_.get(); }

  /// Tells the caller how libcurl ended the transfer.
  void finish(CURLcode code);

  /// Tells the caller that the transfer will not be carried out.
  void finish(error why);

private:
  struct easy_closer {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct list_closer {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  static std::size_t on_header(char* bytes, std::size_t size, std::size_t count, void* self);
  static std::size_t on_body(char* bytes, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);

  void set_limits();
  void set_method_and_body();
  result<void> set_headers();
  bool take(std::size_t bytes);
  void add_header(std::string_view line);
  error to_error(CURLcode code) const;

  http_request request_;
  http_client::callback done_;
  const http_client_settings& settings_;
  std::unique_ptr<CURL, easy_closer> handle_;
  std::unique_ptr<curl_slist, list_closer> headers_;
  http_response response_;
  std::size_t received_ = 0;
  bool over_limit_ = false;
  bool address_refused_ = false;
  char reason_[CURL_ERROR_SIZE] = {};
};

} // namespace plenary
