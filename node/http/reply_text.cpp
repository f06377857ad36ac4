#include "node/http/reply_text.hpp"

#include "schema/json.hpp"
#include "schema/result.hpp"

#include <fmt/chrono.h>

#include <array>
#include <iterator>

namespace plenary {

namespace {

struct status_line {
  int status;
  std::string_view reason; ///< RFC 9110 15
  api_code code;           ///< in the error envelope; of errors alone
  std::string_view message;
};

constexpr std::array lines{
    status_line{200, "OK", api_code::internal, ""},
    status_line{202, "Accepted", api_code::internal, ""},
    status_line{204, "No Content", api_code::internal, ""},
    status_line{400, "Bad Request", api_code::invalid_request, "the request does not follow HTTP/1.1"},
    status_line{401, "Unauthorized", api_code::unauthorized, "a Bearer key is needed"},
    status_line{403, "Forbidden", api_code::forbidden, "this key may not do that"},
    status_line{404, "Not Found", api_code::not_found, "there is nothing of that name"},
    status_line{405, "Method Not Allowed", api_code::method_not_allowed, "this method is not allowed here"},
    status_line{408, "Request Timeout", api_code::timeout, "the request did not come in time"},
    status_line{413, "Content Too Large", api_code::body_too_large,
                "the body is larger than the server takes"},
    status_line{417, "Expectation Failed", api_code::invalid_request, "only Expect: 100-continue is known"},
    status_line{429, "Too Many Requests", api_code::too_many_connections,
                "too many connections from this address"},
    status_line{431, "Request Header Fields Too Large", api_code::header_too_large,
                "the header is larger than the server takes"},
    status_line{500, "Internal Server Error", api_code::internal, "the server failed"},
    status_line{501, "Not Implemented", api_code::unsupported, "only Transfer-Encoding: chunked is known"},
    status_line{503, "Service Unavailable", api_code::unavailable, "the node cannot answer now"},
    status_line{504, "Gateway Timeout", api_code::timeout, "the answer did not come in time"},
    status_line{505, "HTTP Version Not Supported", api_code::unsupported,
                "only HTTP/1.0 and HTTP/1.1 are known"},
};

const status_line& line_of(int status) {
  for (const auto& line : lines)
    if (line.status == status)
      return line;
  return line_of(500);
}

} // namespace

server_reply error_reply(int status, api_code code, std::string message) {
  PLENARY_ASSERT(comes_with(code, status));
  nlohmann::json body{{"error", {{"code", to_string(code)}, {"message", std::move(message)}}}};
  return server_reply{status, "application/json", {}, to_text(body)};
}

server_reply status_reply(int status) {
  const auto& line = line_of(status);
  return error_reply(line.status, line.code, std::string{line.message});
}

std::string reply_text(const server_reply& reply, const reply_frame& frame) {
  std::string text;
  auto out = std::back_inserter(text);
  auto seconds = std::chrono::duration_cast<std::chrono::seconds>(frame.now.time_since_epoch()).count();
  fmt::format_to(out, "HTTP/1.1 {} {}\r\n", reply.status, line_of(reply.status).reason);
  fmt::format_to(out, "Date: {:%a, %d %b %Y %H:%M:%S} GMT\r\n",
                 fmt::gmtime(static_cast<std::time_t>(seconds)));
  if (!reply.content_type.empty())
    fmt::format_to(out, "Content-Type: {}\r\n", reply.content_type);
  if (reply.status != 204) // RFC 9110 8.6: no length with 204
    fmt::format_to(out, "Content-Length: {}\r\n", reply.body.size());
  fmt::format_to(out, "X-Request-Id: {}\r\nCache-Control: no-store\r\n", frame.request_id);
  for (const auto& [name, value] : reply.headers)
    fmt::format_to(out, "{}: {}\r\n", name, value);
  fmt::format_to(out, "Connection: {}\r\n\r\n", frame.keep_alive ? "keep-alive" : "close");
  if (!frame.head_only)
    text += reply.body;
  return text;
}

} // namespace plenary
