#include "node/http/request_parser.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using namespace std::string_literals;

/// What becomes of bytes that come in pieces of this size: 200, the status that refuses, or 0 for neither.
int outcome_in_pieces(const std::string& bytes, std::size_t size, parser_limits limits = {}) {
  request_parser parser{limits};
  std::string buffer;
  for (std::size_t at = 0; at < bytes.size(); at += size) {
    buffer += bytes.substr(at, size);
    const auto went = parser.feed(buffer);
    if (went == request_parser::step::complete)
      return 200;
    if (went == request_parser::step::refused)
      return parser.refusal();
  }
  return 0;
}

/// The same however the bytes are cut.
int outcome_of(const std::string& bytes, parser_limits limits = {}) {
  const auto whole = outcome_in_pieces(bytes, bytes.size(), limits);
  for (std::size_t size : {1, 2, 3, 7, 4096})
    EXPECT_EQ(outcome_in_pieces(bytes, size, limits), whole)
        << "pieces of " << size << ": " << bytes.substr(0, 100);
  return whole;
}

std::string chunked(const std::string& chunks) {
  return "POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks;
}

std::string with_body(std::size_t size) {
  return fmt::format("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{}", size,
                     std::string(size, 'b'));
}

TEST(RequestLimitsOfBytes, HoldForTheHead) {
  const std::string start = "GET /a HTTP/1.1\r\nHost: a\r\nX: ";
  const parser_limits limits;
  const auto fill = limits.header_bytes - start.size() - 4;

  EXPECT_EQ(outcome_of(start + std::string(fill, 'x') + "\r\n\r\n"), 200);
  EXPECT_EQ(outcome_of(start + std::string(fill + 1, 'x') + "\r\n\r\n"), 431);
  EXPECT_EQ(outcome_of("GET /" + std::string(100'000, 'x')), 431);
}

TEST(RequestLimitsOfBytes, HoldForTheNumberOfHeaders) {
  std::string fields;
  for (int i = 0; i < 99; ++i)
    fields += fmt::format("X-{}: 1\r\n", i);

  EXPECT_EQ(outcome_of("GET /a HTTP/1.1\r\nHost: a\r\n" + fields + "\r\n"), 200);
  EXPECT_EQ(outcome_of("GET /a HTTP/1.1\r\nHost: a\r\nY: 1\r\n" + fields + "\r\n"), 431);
}

TEST(RequestLimitsOfBytes, HoldForEmptyLinesBeforeARequest) {
  const std::string request = "GET /a HTTP/1.1\r\nHost: a\r\n\r\n";
  std::string lines;
  for (int i = 0; i < 16; ++i)
    lines += "\r\n";

  EXPECT_EQ(outcome_of(lines + request), 200);
  EXPECT_EQ(outcome_of("\r\n" + lines + request), 400);
}

TEST(RequestLimitsOfBytes, HoldForTheBody) {
  EXPECT_EQ(outcome_of(with_body(64 * 1024)), 200);
  EXPECT_EQ(outcome_of(with_body(64 * 1024 + 1)), 413);
  EXPECT_EQ(outcome_of(chunked("10000\r\n" + std::string(65536, 'b') + "\r\n0\r\n\r\n")), 200);
  EXPECT_EQ(outcome_of(chunked("10001\r\n")), 413);
  EXPECT_EQ(outcome_of(chunked("ffff\r\n" + std::string(65535, 'b') + "\r\n2\r\n")), 413);
  EXPECT_EQ(outcome_of(chunked("ffffffff\r\n")), 413);
  EXPECT_EQ(outcome_of(chunked("100000000\r\n")), 400);
}

TEST(RequestLimitsOfBytes, HoldForTheExtensionsOfAChunk) {
  EXPECT_EQ(outcome_of(chunked("1;a=\"b c\"\r\nx\r\n0 ; last\r\n\r\n")), 200);
  EXPECT_EQ(outcome_of(chunked("1;" + std::string(254, 'e') + "\r\nx\r\n0\r\n\r\n")), 200);
  EXPECT_EQ(outcome_of(chunked("1;" + std::string(255, 'e') + "\r\nx\r\n0\r\n\r\n")), 400);
  EXPECT_EQ(outcome_of(chunked("1;" + std::string(1'000'000, 'e'))), 400);
  EXPECT_EQ(outcome_of(chunked(std::string(1'000'000, '0'))), 400);
}

TEST(RequestLimitsOfBytes, HoldForAllThatStandsBetweenTheChunks) {
  parser_limits limits;
  limits.framing_bytes = 8 * 5; // `1 CRLF`, `CRLF`
  std::string seven;
  for (int i = 0; i < 7; ++i)
    seven += "1\r\nx\r\n";

  EXPECT_EQ(outcome_of(chunked(seven + "0\r\n\r\n"), limits), 200);
  EXPECT_EQ(outcome_of(chunked(seven + "1\r\nx\r\n0\r\n\r\n"), limits), 413);
}

TEST(RequestLimitsOfBytes, HoldForTheTrailers) {
  const parser_limits limits;
  const auto fill = limits.header_bytes - std::string_view{"T: \r\n"}.size();

  EXPECT_EQ(outcome_of(chunked("0\r\nT: " + std::string(fill, 't') + "\r\n\r\n")), 200);
  EXPECT_EQ(outcome_of(chunked("0\r\nT: " + std::string(fill + 1, 't') + "\r\n\r\n")), 431);
  EXPECT_EQ(outcome_of(chunked("0\r\nT: " + std::string(1'000'000, 't'))), 431);
  std::string many;
  for (int i = 0; i < 100'000; ++i)
    many += "T: 1\r\n";
  EXPECT_EQ(outcome_of(chunked("0\r\n" + many)), 431);
}

TEST(RequestLimitsOfBytes, NeverLetTheBufferGrow) {
  const auto endless = chunked("1;" + std::string(50'000, 'e'));
  const auto trailers = chunked("0\r\nT: " + std::string(50'000, 't'));
  const auto head = "GET /a HTTP/1.1\r\nHost: a\r\nX: " + std::string(50'000, 'x');
  for (const auto& bytes : {endless, trailers, head}) {
    request_parser parser{{}};
    std::string buffer;
    for (std::size_t at = 0; at < bytes.size(); at += 1000) {
      buffer += bytes.substr(at, 1000);
      if (parser.feed(buffer) == request_parser::step::refused)
        break;
      ASSERT_LT(buffer.size(), 10'000U);
    }
    EXPECT_NE(parser.refusal(), 0);
  }
}

TEST(RequestParser, DoesNotTakeTrailersForHeaders) {
  request_parser parser{{}};
  auto bytes = chunked("1\r\nx\r\n0\r\nAuthorization: Bearer key\r\nHost: b\r\n\r\nGET /next");

  ASSERT_EQ(parser.feed(bytes), request_parser::step::complete);

  const auto request = parser.take();
  EXPECT_EQ(request.body, "x");
  EXPECT_FALSE(request.headers.contains("authorization"));
  EXPECT_EQ(request.headers.at("host"), "a");
  EXPECT_EQ(bytes, "GET /next");
}

TEST(RequestParser, RefusesWhatCouldBeReadInTwoWays) {
  const std::string get = "GET /a HTTP/1.1\r\nHost: a\r\n";
  const std::string post = "POST /a HTTP/1.1\r\nHost: a\r\n";
  for (const auto& bytes : {
           get + "X: 1\r\n folded\r\n\r\n",
           get + "\tX: 1\r\n\r\n",
           " GET /a HTTP/1.1\r\nHost: a\r\n\r\n"s,
           "GET /a HTTP/1.1\nHost: a\n\n"s,
           get + "X: 1\n\r\n",
           get + "X: 1\rY: 2\r\n\r\n",
           get + "X: a\0b\r\n\r\n"s,
           get + "X: a\x01\r\n\r\n",
           get + "X\0: a\r\n\r\n"s,
           "GET /a\0b HTTP/1.1\r\nHost: a\r\n\r\n"s,
           get + "Transfer-Encoding:\r\n chunked\r\n\r\n",
           get + "Transfer-Encoding : chunked\r\n\r\n",
           post + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
           post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
           post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx",
           post + "Content-Length: 1, 1\r\n\r\nx",
           post + "Content-Length: +1\r\n\r\nx",
           post + "Content-Length: 0x1\r\n\r\nx",
           post + "Content-Length: 1 1\r\n\r\nx",
           post + "Content-Length:\r\n\r\nx",
           post + "Content-Length: 99999999999999999999999\r\n\r\nx",
           "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n"s,
           chunked("1\r\nxx\r\n0\r\n\r\n"),
           chunked("1\nx\r\n0\r\n\r\n"),
           chunked("1\r\nx\n0\r\n\r\n"),
           chunked("1 x\r\nx\r\n0\r\n\r\n"),
           chunked("0x1\r\nx\r\n0\r\n\r\n"),
           chunked("-1\r\nx\r\n0\r\n\r\n"),
           chunked(";a\r\nx\r\n0\r\n\r\n"),
           chunked("1;\0\r\nx\r\n0\r\n\r\n"s),
           chunked("0\r\nno field\r\n\r\n"),
           chunked("0\r\n folded: 1\r\n\r\n"),
       })
    EXPECT_EQ(outcome_of(bytes), 400) << bytes;
  EXPECT_EQ(outcome_of("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505) << "no HTTP/2 here";
  EXPECT_EQ(outcome_of(get + "Transfer-Encoding: chunked, chunked\r\n\r\n"), 501);
  EXPECT_EQ(outcome_of(get + "Transfer-Encoding: \x0b"
                             "chunked\r\n\r\n"),
            400);
}

TEST(RequestParser, IgnoresAWishToUpgrade) {
  EXPECT_EQ(outcome_of("GET /a HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n"), 200);
  EXPECT_EQ(outcome_of("GET /a HTTP/1.0\r\n\r\n"), 200);
}

} // namespace
} // namespace plenary
