#include "node/http/request_parser.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <string_view>

namespace plenary {

namespace http = boost::beast::http;

namespace {

using request_message = http::request<http::string_body>;

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

int status_of(const boost::system::error_code& failure) {
  if (failure == http::error::header_limit)
    return 431;
  if (failure == http::error::body_limit)
    return 413;
  if (failure == http::error::bad_version)
    return 505;
  return 400;
}

/// RFC 9112 3.2: exactly one Host, and it may not carry what belongs elsewhere.
bool has_good_host(const request_message& message) {
  auto count = message.count(http::field::host);
  if (count == 0)
    return message.version() == 10;
  auto host = view(message[http::field::host]);
  return count == 1 && host.find_first_of(" \t,/@?#") == std::string_view::npos;
}

/// Path and query out of origin-form, absolute-form or asterisk-form (RFC 9112 3.2).
bool split_target(std::string_view target, server_request& request) {
  if (target.starts_with("http://") || target.starts_with("https://")) {
    auto slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? std::string_view{"/"} : target.substr(slash);
  }
  if (target.find('#') != std::string_view::npos)
    return false;
  if (!target.starts_with('/') && !(target == "*" && request.method == "OPTIONS"))
    return false;
  auto question = target.find('?');
  request.path = target.substr(0, question);
  request.query = question == std::string_view::npos ? "" : target.substr(question + 1);
  return true;
}

/// 0, or the status that refuses a header which Beast itself lets pass.
int check_header(const request_message& message) {
  if (!has_good_host(message))
    return 400;
  if (auto encodings = message.count(http::field::transfer_encoding); encodings > 0) {
    if (message.version() == 10)
      return 400;
    if (encodings > 1 || !boost::beast::iequals(message[http::field::transfer_encoding], "chunked"))
      return 501;
  }
  auto expectation = message[http::field::expect];
  return expectation.empty() || boost::beast::iequals(expectation, "100-continue") ? 0 : 417;
}

std::string lower_case(std::string_view text) {
  std::string lower{text};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return lower;
}

} // namespace

struct request_parser::state {
  explicit state(parser_limits limits) {
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
  }

  step refuse(int status) {
    refusal = status;
    return step::refused;
  }

  http::request_parser<http::string_body> parser;
  server_request request;
  bool header_checked = false;
  bool owes_continue = false;
  int refusal = 0;
};

request_parser::request_parser(parser_limits limits)
    : state_(std::make_unique<state>(limits)) {}

request_parser::~request_parser() = default;

request_parser::step request_parser::feed(std::string& buffer) {
  auto& parser = state_->parser;
  while (!parser.got_some() && buffer.starts_with("\r\n")) // RFC 9112 2.2: empty lines before a request
    buffer.erase(0, 2);
  while (!parser.is_done()) {
    if (buffer.empty())
      return step::need_more;
    boost::system::error_code failure;
    auto used = parser.put(boost::asio::buffer(buffer), failure);
    buffer.erase(0, used);
    if (failure && failure != http::error::need_more)
      return state_->refuse(status_of(failure));
    if (parser.is_header_done() && !state_->header_checked) {
      if (auto status = check_header(parser.get()); status != 0)
        return state_->refuse(status);
      state_->header_checked = true;
      state_->owes_continue = !parser.get()[http::field::expect].empty() && parser.get().version() == 11;
      parser.eager(true);
    } else if (failure) {
      return step::need_more;
    }
  }
  state_->request.method = view(parser.get().method_string());
  if (!split_target(view(parser.get().target()), state_->request))
    return state_->refuse(400);
  return step::complete;
}

bool request_parser::wants_continue() {
  return std::exchange(state_->owes_continue, false);
}

int request_parser::refusal() const {
  return state_->refusal;
}

bool request_parser::keep_alive() const {
  return state_->parser.keep_alive();
}

server_request request_parser::take() {
  auto message = state_->parser.release();
  for (const auto& field : message) {
    auto& value = state_->request.headers[lower_case(view(field.name_string()))];
    if (!value.empty())
      value += ", ";
    value += view(field.value());
  }
  state_->request.body = std::move(message.body());
  return std::move(state_->request);
}

} // namespace plenary
