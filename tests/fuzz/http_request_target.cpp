// Requests to our HTTP server: the same bytes are the same request however they are cut into reads, and no
// request costs more than its limits.
#include "node/http/request_parser.hpp"
#include "node/http/request_target.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace plenary::fuzz::http_request_target {

namespace {

using namespace std::string_view_literals;

constexpr std::array pieces{"GET /v1/rooms HTTP/1.1\r\n"sv,
                            "POST /v1/calls/call_1/hangup HTTP/1.1\r\n"sv,
                            "DELETE http://127.0.0.1:8080/v1/rooms/a%20b?x=%41&y HTTP/1.0\r\n"sv,
                            "OPTIONS * HTTP/1.1\r\n"sv,
                            "Host: 127.0.0.1:8080\r\n"sv,
                            "Host: a@b\r\n"sv,
                            "Authorization: Bearer mv_test_key\r\n"sv,
                            "Content-Length: 4\r\n"sv,
                            "Content-Length: 99999999999999999999\r\n"sv,
                            "Content-Length: +1\r\n"sv,
                            "Transfer-Encoding: chunked\r\n"sv,
                            "Transfer-Encoding: gzip, chunked\r\n"sv,
                            "Expect: 100-continue\r\n"sv,
                            "Connection: close\r\n"sv,
                            "Connection: keep-alive, upgrade\r\n"sv,
                            "X-Long: aaaaaaaaaaaaaaaa\r\n"sv,
                            " folded\r\n"sv,
                            "\r\n"sv,
                            "\n"sv,
                            "4\r\nbody\r\n"sv,
                            "1;name=value\r\nx\r\n"sv,
                            "0\r\n\r\n"sv,
                            "0\r\nTrailer: x\r\n\r\n"sv,
                            "fffffffffffffffff\r\n"sv,
                            "\0"sv,
                            ":"sv,
                            "%00"sv,
                            "\x80"sv};

constexpr parser_limits small{.header_bytes = 512,
                              .header_fields = 20,
                              .body_bytes = 1024,
                              .chunk_line_bytes = 64,
                              .framing_bytes = 4096};
/// Head, body, framing and trailers, and the piece that brought the last byte over a limit.
constexpr std::size_t most_bytes = 512 + 1024 + 4096 + 512 + 64;

struct reading {
  request_parser::step end = request_parser::step::need_more;
  int refusal = 0;
  bool keep_alive = false;
  std::optional<server_request> request;
  std::size_t fed = 0;
};

/// Feeds `text` in pieces of `size` bytes.
reading read_in_pieces(std::string_view text, std::size_t size) {
  request_parser parser{small};
  reading read;
  std::string buffer;
  while (read.fed < text.size() && read.end == request_parser::step::need_more) {
    const auto next = text.substr(read.fed, size);
    buffer += next;
    read.fed += next.size();
    read.end = parser.feed(buffer);
    (void)parser.wants_continue();
  }
  if (read.end == request_parser::step::refused)
    read.refusal = parser.refusal();
  if (read.end == request_parser::step::complete) {
    read.keep_alive = parser.keep_alive();
    read.request = parser.take();
    read.fed -= buffer.size();
  }
  return read;
}

void check_request(const server_request& request) {
  FUZZ_CHECK(request.body.size() <= small.body_bytes);
  FUZZ_CHECK(request.path.starts_with('/') || (request.path == "*" && request.method == "OPTIONS"));
  std::size_t header_bytes = request.method.size() + request.path.size() + request.query.size();
  for (const auto& [name, value] : request.headers) {
    header_bytes += name.size() + value.size();
    FUZZ_CHECK(value.find_first_of("\r\n") == std::string::npos);
  }
  FUZZ_CHECK(header_bytes <= small.header_bytes + 64);
  if (const auto segments = path_segments(request.path)) {
    FUZZ_CHECK(!segments->empty());
    for (const auto& segment : *segments)
      FUZZ_CHECK(std::none_of(segment.begin(), segment.end(),
                              [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
  }
  if (const auto fields = query_fields(request.query))
    FUZZ_CHECK(fields->size() <= request.query.size());
}

void run_http_request(bytes input) {
  byte_source from{input};
  const auto cut = 1 + from.below(32);
  const auto text = text_of(from.rest());
  const auto whole = read_in_pieces(text, std::max<std::size_t>(text.size(), 1));
  const auto cut_up = read_in_pieces(text, cut);
  FUZZ_CHECK(cut_up.fed <= most_bytes || cut_up.end != request_parser::step::need_more);
  if (whole.end == request_parser::step::refused) {
    constexpr std::array known{400, 413, 417, 431, 501, 505};
    FUZZ_CHECK(std::find(known.begin(), known.end(), whole.refusal) != known.end());
  }
  // Who sees all at once may know sooner that it is wrong; nobody sees another request.
  if (whole.end == request_parser::step::refused || cut_up.end == request_parser::step::refused) {
    FUZZ_CHECK(whole.end != request_parser::step::complete && cut_up.end != request_parser::step::complete);
    return;
  }
  FUZZ_CHECK(whole.end == cut_up.end);
  if (whole.end != request_parser::step::complete)
    return;
  check_request(*whole.request);
  FUZZ_CHECK(whole.fed == cut_up.fed && whole.keep_alive == cut_up.keep_alive);
  FUZZ_CHECK(whole.request->method == cut_up.request->method && whole.request->path == cut_up.request->path);
  FUZZ_CHECK(whole.request->query == cut_up.request->query && whole.request->body == cut_up.request->body);
  FUZZ_CHECK(whole.request->headers == cut_up.request->headers);
}

FUZZ_TARGET(.name = "http_request", .run = run_http_request, .pieces = pieces,
            .limit = {.allocated = 256 * 1024, .allocated_per_byte = 1024});

} // namespace

} // namespace plenary::fuzz::http_request_target
