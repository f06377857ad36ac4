#pragma once

#include "tests/support/http_server.hpp"

#include <nlohmann/json.hpp>

#include <optional>

namespace plenary::test {

/// One webhook request as it came.
struct received_webhook {
  std::string event;
  std::string call;
  nlohmann::json document;
  std::string id;     ///< the header `webhook-id`
  std::string fault;  ///< what is wrong with its signatures; empty when nothing is
  int answered = 200; ///< 0: not at all
};

/// A customer's server: gives instructions at `/answer` and takes events at `/webhooks`.
class customer_application {
public:
  /// Decides what the n-th request (from 1) to any target but `/webhooks` gets.
  using answer_handler = std::function<http_reply(const http_message& request, int number)>;

  /// Puts every caller into the room `room`.
  explicit customer_application(std::string webhook_secret, const std::string& room = "daily_support_room",
                                std::string address = "127.0.0.1");

  std::string answer_url() const { return server_->url("/answer"); }
  std::string webhook_url() const { return server_->url("/webhooks"); }
  std::string url(const std::string& target) const { return server_->url(target); }

  /// Replaces the instructions for the requests that come from now on.
  void answer_with(answer_handler handler);
  /// Every request from now on gets this document.
  void answer_with(const nlohmann::json& document);
  /// The status that webhooks get from now on.
  void answer_webhooks_with(int status);
  /// Webhooks from now on are taken and never answered, until `answer_webhooks_with`; `go_down` cuts them
  /// off.
  void hold_webhooks();

  /// Stops listening; connections are refused until `come_back`.
  void go_down();
  /// Listens again on the same port.
  void come_back();

  /// Waits until `count` requests for instructions have come; false after `timeout`.
  bool wait_for_requests(int count, std::chrono::milliseconds timeout) const;
  std::vector<http_message> requests() const;

  /// Every webhook so far, also those that were refused.
  std::vector<received_webhook> webhooks() const;
  /// Waits for an event that was answered with 2xx, of this call, or of any call when `call` is empty.
  std::optional<received_webhook>
  wait_for_event(const std::string& event, const std::string& call = {},
                 std::chrono::milliseconds timeout = std::chrono::seconds(30)) const;
  /// Names of the events of one call that were answered with 2xx, in order of arrival; a repeated delivery
  /// (same id) counts once.
  std::vector<std::string> events_of(const std::string& call) const;
  /// Waits until `count` events of this name were answered with 2xx; false after `timeout`.
  bool wait_for_events(const std::string& event, int count, std::chrono::milliseconds timeout) const;

private:
  http_reply on_request(const http_message& request);
  http_reply on_webhook(const http_message& request);

  const std::string secret_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  answer_handler handler_;
  int webhook_status_ = 200;
  std::vector<http_message> requests_;
  std::vector<received_webhook> webhooks_;
  ip_endpoint local_;
  std::unique_ptr<http_server> server_;
};

/// `{"actions":[{"type":"conference","room":room, ...options}]}`.
nlohmann::json conference(const std::string& room, const nlohmann::json& options = nlohmann::json::object());

/// A 200 answer with this document.
http_reply json_reply(const nlohmann::json& document);

} // namespace plenary::test
