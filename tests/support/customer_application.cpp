#include "tests/support/customer_application.hpp"

#include "tests/support/signature.hpp"

#include <algorithm>
#include <set>

namespace plenary::test {

namespace {

bool was_accepted(const received_webhook& webhook) {
  return webhook.answered / 100 == 2;
}

} // namespace

nlohmann::json conference(const std::string& room, const nlohmann::json& options) {
  nlohmann::json action = {{"type", "conference"}, {"room", room}};
  action.update(options);
  return {{"actions", {action}}};
}

http_reply json_reply(const nlohmann::json& document) {
  return {.status = 200, .body = document.dump(), .headers = {{"Content-Type", "application/json"}}};
}

customer_application::customer_application(std::string webhook_secret, const std::string& room,
                                           std::string address)
    : secret_(std::move(webhook_secret))
    , local_{std::move(address), 0} {
  answer_with(conference(room));
  come_back();
}

void customer_application::answer_with(answer_handler handler) {
  const std::lock_guard lock(mutex_);
  handler_ = std::move(handler);
}

void customer_application::answer_with(const nlohmann::json& document) {
  answer_with([document](const http_message&, int) { return json_reply(document); });
}

void customer_application::answer_webhooks_with(int status) {
  const std::lock_guard lock(mutex_);
  webhook_status_ = status;
}

void customer_application::hold_webhooks() {
  answer_webhooks_with(0);
}

void customer_application::go_down() {
  server_.reset();
}

void customer_application::come_back() {
  server_ = std::make_unique<http_server>([this](const http_message& request) { return on_request(request); },
                                          local_);
  local_.port = server_->port();
}

http_reply customer_application::on_request(const http_message& request) {
  if (request.target() == "/webhooks")
    return on_webhook(request);
  answer_handler handler;
  int number = 0;
  {
    const std::lock_guard lock(mutex_);
    requests_.push_back(request);
    number = static_cast<int>(requests_.size());
    handler = handler_;
  }
  changed_.notify_all();
  return handler(request, number);
}

http_reply customer_application::on_webhook(const http_message& request) {
  received_webhook webhook;
  webhook.document = nlohmann::json::parse(request.body, nullptr, false);
  if (webhook.document.is_object()) {
    webhook.event = webhook.document.value("event", "");
    webhook.call = webhook.document.value("/call/id"_json_pointer, "");
  }
  webhook.id = request.header("webhook-id");
  webhook.fault = signature_fault(request, secret_);
  const std::lock_guard lock(mutex_);
  webhook.answered = webhook_status_;
  webhooks_.push_back(webhook);
  changed_.notify_all();
  http_reply reply;
  reply.status = webhook_status_;
  reply.hang = webhook_status_ == 0;
  return reply;
}

bool customer_application::wait_for_requests(int count, std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] { return std::ssize(requests_) >= count; });
}

std::vector<http_message> customer_application::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

std::vector<received_webhook> customer_application::webhooks() const {
  const std::lock_guard lock(mutex_);
  return webhooks_;
}

std::optional<received_webhook>
customer_application::wait_for_event(const std::string& event, const std::string& call,
                                     std::chrono::milliseconds timeout) const {
  const auto is_wanted = [&](const received_webhook& webhook) {
    return was_accepted(webhook) && webhook.event == event && (call.empty() || webhook.call == call);
  };
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [&] { return std::ranges::any_of(webhooks_, is_wanted); });
  const auto found = std::ranges::find_if(webhooks_, is_wanted);
  return found == webhooks_.end() ? std::nullopt : std::optional(*found);
}

bool customer_application::wait_for_events(const std::string& event, int count,
                                           std::chrono::milliseconds timeout) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [&] {
    return count <= std::ranges::count_if(webhooks_, [&](const received_webhook& webhook) {
             return was_accepted(webhook) && webhook.event == event;
           });
  });
}

std::vector<std::string> customer_application::events_of(const std::string& call) const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const auto& webhook : webhooks_)
    if (was_accepted(webhook) && webhook.call == call && seen.insert(webhook.id).second)
      names.push_back(webhook.event);
  return names;
}

} // namespace plenary::test
