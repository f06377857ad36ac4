#include "node/http/request_parser.hpp"

#include "node/http/chunked_body.hpp"
#include "node/http/request_head.hpp"

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

constexpr std::size_t most_empty_lines = 16;

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
  if (message.count(http::field::content_length) > 1 ||
      view(message[http::field::content_length]).find_first_not_of("0123456789") != std::string_view::npos)
    return 400; // `1, 1` included: one length, said once
  if (auto encodings = message.count(http::field::transfer_encoding); encodings > 0) {
    if (message.version() == 10 || message.count(http::field::content_length) > 0)
      return 400; // RFC 9112 6.1: two lengths are an attempt to smuggle
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

std::map<std::string, std::string> fields_of(const request_message& message) {
  std::map<std::string, std::string> fields;
  for (const auto& field : message) {
    auto& value = fields[lower_case(view(field.name_string()))];
    if (!value.empty())
      value += ", ";
    value += view(field.value());
  }
  return fields;
}

} // namespace

struct request_parser::state {
  explicit state(parser_limits bounds)
      : limits(bounds)
      , chunks({limits.body_bytes, limits.chunk_line_bytes, limits.framing_bytes, limits.header_bytes}) {
    parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
    parser.body_limit(limits.body_bytes);
    parser.skip(true); // the body is read here
  }

  step refuse(int status) {
    refusal = status;
    return step::refused;
  }

  int read_head(std::string_view text);

  const parser_limits limits;
  http::request_parser<http::string_body> parser; ///< of the head alone
  request_head head;
  chunked_body chunks;
  server_request request;
  std::size_t empty_lines = 0;
  std::uint64_t length = 0; ///< of a body that is not chunked
  bool chunked = false;
  bool head_done = false;
  bool owes_continue = false;
  int refusal = 0;
};

/// Lets Beast read a whole head; 0, or the status that refuses it.
int request_parser::state::read_head(std::string_view text) {
  for (std::size_t used = 0; !parser.is_header_done();) {
    boost::system::error_code failure;
    used += parser.put(boost::asio::buffer(text.data() + used, text.size() - used), failure);
    if (failure && failure != http::error::need_more)
      return status_of(failure);
    if (failure && !parser.is_header_done())
      return 400;
  }
  const auto& message = parser.get();
  if (const auto status = check_header(message); status != 0)
    return status;
  head_done = true;
  chunked = parser.chunked();
  length = chunked ? 0 : parser.content_length().value_or(0);
  if (length > limits.body_bytes)
    return 413;
  owes_continue = !message[http::field::expect].empty() && message.version() == 11 && (chunked || length > 0);
  request.headers = fields_of(message);
  request.method = view(message.method_string());
  return split_target(view(message.target()), request) ? 0 : 400;
}

request_parser::request_parser(parser_limits limits)
    : state_(std::make_unique<state>(limits)) {}

request_parser::~request_parser() = default;

request_parser::step request_parser::feed(std::string& buffer) {
  if (!state_->head_done) {
    if (auto went = feed_head(buffer); went != step::complete)
      return went;
  }
  return feed_body(buffer);
}

/// RFC 9112 2.2: a client may send some before its request; false when it sends nothing else.
bool request_parser::skip_empty_lines(std::string& buffer) {
  std::size_t size = 0;
  while (buffer.compare(size, 2, "\r\n") == 0)
    size += 2;
  buffer.erase(0, size);
  state_->empty_lines += size / 2;
  return state_->empty_lines <= most_empty_lines;
}

/// Hands the head to Beast only when it is whole and its lines are sound.
request_parser::step request_parser::feed_head(std::string& buffer) {
  if (!skip_empty_lines(buffer))
    return state_->refuse(400);
  const auto size = state_->head.measure(buffer, state_->limits.header_bytes);
  if (!size)
    return state_->refuse(size.error());
  if (*size == 0)
    return step::need_more;
  if (const auto wrong = check_lines({buffer.data(), *size}, state_->limits.header_fields); wrong != 0)
    return state_->refuse(wrong);
  const auto status = state_->read_head({buffer.data(), *size});
  buffer.erase(0, *size);
  return status == 0 ? step::complete : state_->refuse(status);
}

request_parser::step request_parser::feed_body(std::string& buffer) {
  auto& body = state_->request.body;
  if (!state_->chunked) {
    const auto taken = std::min(state_->length - body.size(), buffer.size());
    body.append(buffer, 0, taken);
    buffer.erase(0, taken);
    return body.size() == state_->length ? step::complete : step::need_more;
  }
  switch (state_->chunks.feed(buffer, body)) {
  case chunked_body::step::need_more:
    return step::need_more;
  case chunked_body::step::complete:
    return step::complete;
  case chunked_body::step::malformed:
    return state_->refuse(400);
  case chunked_body::step::too_large:
    return state_->refuse(413);
  case chunked_body::step::trailers_too_large:
    return state_->refuse(431);
  }
  return state_->refuse(400);
}

bool request_parser::wants_continue() {
  return std::exchange(state_->owes_continue, false);
}

int request_parser::refusal() const {
  return state_->refusal;
}

bool request_parser::has_begun() const {
  return state_->head_done || state_->head.has_begun();
}

bool request_parser::keep_alive() const {
  return state_->parser.keep_alive();
}

server_request request_parser::take() {
  return std::move(state_->request);
}

} // namespace plenary
