#include "node/log/json_logger.hpp"
#include "schema/json.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <sstream>
#include <thread>
#include <vector>

namespace plenary {
namespace {

using ::testing::MatchesRegex;
using ::testing::StartsWith;

/// A pipe whose reading end never blocks.
class log_pipe {
public:
  log_pipe() {
    PLENARY_ASSERT(::pipe(ends_.data()) == 0);
    PLENARY_ASSERT(::fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
  }
  log_pipe(const log_pipe&) = delete;
  log_pipe& operator=(const log_pipe&) = delete;
  ~log_pipe() {
    ::close(ends_[0]);
    ::close(ends_[1]);
  }

  int writing_end() const { return ends_[1]; }

  std::vector<std::string> lines() const {
    std::string text;
    std::array<char, 65536> chunk;
    for (ssize_t got; (got = ::read(ends_[0], chunk.data(), chunk.size())) > 0;)
      text.append(chunk.data(), static_cast<std::size_t>(got));
    std::vector<std::string> all;
    std::istringstream stream{text};
    for (std::string line; std::getline(stream, line);)
      all.push_back(line);
    return all;
  }

private:
  std::array<int, 2> ends_{};
};

TEST(JsonLogger, WritesOneLineWithTheFieldsInTheirOrder) {
  log_pipe pipe;
  json_logger log{log_level::info, pipe.writing_end()};

  log.info("call_answered", {{"call", "call_1"}, {"code", std::int64_t{200}}, {"late", 0.5}, {"ok", true}});

  auto lines = pipe.lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0],
              MatchesRegex(R"(\{"ts":"[0-9-]+T[0-9:]+\.[0-9][0-9][0-9]Z","level":"info",)"
                           R"("event":"call_answered","call":"call_1","code":200,"late":0.5,"ok":true\})"));
}

TEST(JsonLogger, LeavesOutLevelsBelowTheLeast) {
  log_pipe pipe;
  json_logger log{log_level::warning, pipe.writing_end()};

  log.debug("a");
  log.info("b");
  log.warning("c");
  log.error("d");

  EXPECT_EQ(pipe.lines().size(), 2u);
}

TEST(JsonLogger, EscapesTextAndReplacesWhatIsNotUtf8) {
  auto line = log_line("t", log_level::error, "sip_message_malformed", {{"text", "a\"b\\c\n\x01\xff"}});

  EXPECT_EQ(line, "{\"ts\":\"t\",\"level\":\"error\",\"event\":\"sip_message_malformed\","
                  "\"text\":\"a\\\"b\\\\c\\n\\u0001\xEF\xBF\xBD\"}\n");
}

TEST(JsonLogger, WritesNumbersThatAreNotFiniteAsNull) {
  auto line = log_line("t", log_level::info, "e", {{"value", std::nan("")}});

  EXPECT_EQ(line, "{\"ts\":\"t\",\"level\":\"info\",\"event\":\"e\",\"value\":null}\n");
}

TEST(JsonLogger, KeepsEveryLineValidAndBelowItsLimit) {
  std::string huge(100000, 'x');

  auto line = log_line("t", log_level::info, "e",
                       {{"a", huge}, {"b", huge}, {"c", huge}, {"d", huge}, {"f", huge}, {"g", "small"}});

  EXPECT_LE(line.size(), max_log_line);
  auto parsed = parse_json(line);
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ((*parsed)["truncated"], true);
  EXPECT_EQ((*parsed)["a"].get<std::string>().size(), max_log_value + 3);
}

TEST(JsonLogger, DropsLinesOfAFullPipeAndTellsHowManyLater) {
  log_pipe pipe;
  json_logger log{log_level::info, pipe.writing_end()};
  std::string filler(900, 'x');
  while (log.dropped() == 0)
    log.info("filler", {{"text", filler}});
  log.info("lost");
  pipe.lines();

  log.info("back");

  auto lines = pipe.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ((*parse_json(lines[0]))["event"], "log_lines_dropped");
  EXPECT_EQ((*parse_json(lines[0]))["count"], 2);
  EXPECT_EQ((*parse_json(lines[1]))["event"], "back");
  EXPECT_EQ(log.dropped(), 2u);
}

TEST(JsonLogger, KeepsLinesOfManyThreadsWhole) {
  log_pipe pipe;
  json_logger log{log_level::info, pipe.writing_end()};
  std::vector<std::thread> writers;

  for (int writer = 0; writer < 4; ++writer)
    writers.emplace_back([&log] {
      for (std::int64_t i = 0; i < 100; ++i)
        log.info("written", {{"number", i}});
    });
  for (auto& writer : writers)
    writer.join();

  auto lines = pipe.lines();
  EXPECT_EQ(lines.size() + log.dropped(), 400u);
  for (const auto& line : lines)
    EXPECT_TRUE(parse_json(line)) << line;
}

} // namespace
} // namespace plenary
