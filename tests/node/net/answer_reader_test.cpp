#include "node/net/answer_reader.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\n";

TEST(AnswerReader, KnowsWhetherTheHeadCameToItsEnd) {
  answer_reader reader{100, true};
  reader.header_line(ok);
  reader.header_line("A: b\r\n");
  EXPECT_FALSE(reader.head_complete());

  reader.header_line("\r\n");

  EXPECT_TRUE(reader.head_complete());
  EXPECT_EQ(reader.response().headers.at("a"), "b");
}

TEST(AnswerReader, TakesAnInterimHeadForNoAnswer) {
  answer_reader reader{100, true};
  reader.header_line("HTTP/1.1 103 Early Hints\r\n");
  reader.header_line("Link: x\r\n");
  reader.header_line("\r\n");
  EXPECT_FALSE(reader.head_complete());

  reader.header_line(ok);
  reader.header_line("\r\n");

  EXPECT_TRUE(reader.head_complete());
  EXPECT_TRUE(reader.response().headers.empty());
}

TEST(AnswerReader, CountsHeaderLinesOfAllHeads) {
  answer_reader reader{100, true};
  reader.header_line(ok);
  for (std::size_t i = 0; i < answer_reader::max_header_lines; ++i)
    EXPECT_TRUE(reader.header_line("a: b\r\n"));

  EXPECT_FALSE(reader.header_line("a: b\r\n"));
  EXPECT_NE(reader.fault(), "");
}

TEST(AnswerReader, CountsHeaderBytesOfAllHeads) {
  answer_reader reader{100, true};
  const std::string line(answer_reader::max_header_bytes - ok.size(), 'x');
  reader.header_line(ok);
  EXPECT_TRUE(reader.header_line(line));

  EXPECT_FALSE(reader.header_line("\n"));
}

TEST(AnswerReader, NeverEndsWithInterimHeads) {
  answer_reader reader{100, true};
  std::size_t lines = 0;
  while (reader.header_line("HTTP/1.1 102 Processing\r\n") && reader.header_line("\r\n"))
    ASSERT_LT(++lines, answer_reader::max_header_bytes);
}

TEST(AnswerReader, TakesABodyAtTheLimitAndNoByteMore) {
  answer_reader reader{10, true};
  EXPECT_TRUE(reader.body("12345"));
  EXPECT_TRUE(reader.body("67890"));
  EXPECT_EQ(reader.response().body, "1234567890");

  EXPECT_FALSE(reader.body("1"));
}

TEST(AnswerReader, CountsABodyThatNobodyWants) {
  answer_reader reader{10, false};
  EXPECT_TRUE(reader.body("1234567890"));
  EXPECT_EQ(reader.response().body, "");

  EXPECT_FALSE(reader.body("1"));
}

TEST(AnswerReader, RefusesTwoDifferentLengths) {
  answer_reader reader{10, true};
  reader.header_line(ok);
  EXPECT_TRUE(reader.header_line("Content-Length: 5\r\n"));

  EXPECT_FALSE(reader.header_line("content-length: 6\r\n"));
}

TEST(AnswerReader, ReadsNothingIntoTrailers) {
  answer_reader reader{10, true};
  reader.header_line(ok);
  reader.header_line("\r\n");

  EXPECT_TRUE(reader.header_line("Retry-After: 99\r\n"));

  EXPECT_TRUE(reader.response().headers.empty());
}

} // namespace
} // namespace plenary
