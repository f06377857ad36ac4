#include "node/http/request_parser.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

using step = request_parser::step;

struct refused_request {
  std::string bytes;
  int status;
};

class RefusedRequest : public ::testing::TestWithParam<refused_request> {};

TEST_P(RefusedRequest, IsAnsweredWithTheRightStatus) {
  request_parser parser{{}};
  auto bytes = GetParam().bytes;

  auto outcome = parser.feed(bytes);

  ASSERT_EQ(outcome, step::refused) << GetParam().bytes.substr(0, 200);
  EXPECT_EQ(parser.refusal(), GetParam().status) << GetParam().bytes.substr(0, 200);
}

INSTANTIATE_TEST_SUITE_P(
    Http, RefusedRequest,
    ::testing::Values(
        refused_request{"GET / HTTP/1.1\r\n\r\n", 400}, // no Host
        refused_request{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
        refused_request{"GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", 400},
        refused_request{"GET / HTTP/1.1\r\nHost: u@a\r\n\r\n", 400}, refused_request{"nonsense\r\n\r\n", 400},
        refused_request{"GET / HTTP/9.9\r\nHost: a\r\n\r\n", 505},
        refused_request{"GET a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refused_request{"GET * HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refused_request{"GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        refused_request{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 12abc\r\n\r\n", 400},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
        refused_request{
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 65537\r\n\r\n", 413},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n20000\r\n" +
                            std::string(9, 'x'),
                        413},
        refused_request{
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", 400},
        refused_request{"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n", 501},
        refused_request{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
        refused_request{"POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        refused_request{"GET / HTTP/1.1\r\nHost: a\r\nExpect: a-miracle\r\n\r\n", 417},
        refused_request{"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x'), 431},
        refused_request{"GET /" + std::string(9000, 'x'), 431}));

TEST(RequestParser, GivesTheSameRequestHoweverItsBytesAreCut) {
  const std::string bytes = "POST /v1/x%20y?a=1 HTTP/1.1\r\nHost: a\r\nX-One: 1\r\nx-one: 2\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
  for (std::size_t size = 1; size <= bytes.size(); ++size) {
    request_parser parser{{}};
    std::string buffer;
    auto outcome = step::need_more;

    for (std::size_t at = 0; at < bytes.size(); at += size) {
      EXPECT_EQ(outcome, step::need_more) << size;
      buffer += bytes.substr(at, size);
      outcome = parser.feed(buffer);
    }

    ASSERT_EQ(outcome, step::complete) << size;
    auto request = parser.take();
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/x%20y");
    EXPECT_EQ(request.query, "a=1");
    EXPECT_EQ(request.headers.at("x-one"), "1, 2");
    EXPECT_EQ(request.body, "abcde");
    EXPECT_TRUE(buffer.empty());
  }
}

TEST(RequestParser, LeavesTheNextRequestInTheBuffer) {
  request_parser parser{{}};
  std::string buffer = "\r\nGET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n";

  ASSERT_EQ(parser.feed(buffer), step::complete);

  EXPECT_EQ(parser.take().path, "/a");
  EXPECT_EQ(buffer, "GET /b HTTP/1.1\r\nHost: a\r\n\r\n");
}

TEST(RequestParser, AsksForTheContinueOnceAndOnlyWhileTheBodyIsMissing) {
  request_parser parser{{}};
  std::string buffer = "POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n";

  EXPECT_EQ(parser.feed(buffer), step::need_more);
  EXPECT_TRUE(parser.wants_continue());
  EXPECT_FALSE(parser.wants_continue());
  buffer += "ok";

  EXPECT_EQ(parser.feed(buffer), step::complete);
  EXPECT_EQ(parser.take().body, "ok");
}

TEST(RequestParser, TakesAbsoluteTargetsAndTheAsterisk) {
  for (auto [bytes, path] : {std::pair{"GET http://a/b?c HTTP/1.1\r\nHost: a\r\n\r\n", "/b"},
                             std::pair{"GET http://a HTTP/1.1\r\nHost: a\r\n\r\n", "/"},
                             std::pair{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "*"}}) {
    request_parser parser{{}};
    std::string buffer = bytes;

    ASSERT_EQ(parser.feed(buffer), step::complete) << bytes;
    EXPECT_EQ(parser.take().path, path);
  }
}

} // namespace
} // namespace plenary
