#include "node/http/api_codes.hpp"
#include "schema/call.hpp"
#include "schema/error_codes.hpp"
#include "schema/hangup_causes.hpp"
#include "tests/support/generated_file.hpp"

#include <gtest/gtest.h>

#include <set>

namespace plenary {
namespace {

TEST(Codes, AreThoseThatTheDocumentShows) {
  const auto generated = codes_document();

  EXPECT_EQ(testing_support::generated_file("docs/codes.md", generated), generated);
}

TEST(Codes, StandInTheOrderOfTheirEnumerations) {
  int next = 0;
  for (const auto& row : api_code_rows())
    EXPECT_EQ(static_cast<int>(row.code), next++) << row.name;
  next = 0;
  for (const auto& row : failure_rows())
    EXPECT_EQ(static_cast<int>(row.code), next++) << row.name;
  next = 0;
  for (const auto& row : error_rows())
    EXPECT_EQ(static_cast<int>(row.code), next++) << row.name;
  next = 0;
  for (const auto& row : status_rows())
    EXPECT_EQ(static_cast<int>(row.status), next++) << row.name;
  next = 0;
  for (const auto& row : ending_rows())
    EXPECT_EQ(static_cast<int>(row.who), next++) << row.name;
}

TEST(Codes, AreReadBackByTheirNames) {
  for (const auto& row : failure_rows())
    EXPECT_EQ(parse_failure_code(to_string(row.code)), row.code);
  for (const auto& row : error_rows())
    EXPECT_EQ(parse_errc(to_string(row.code)), row.code);
  for (const auto& row : status_rows())
    EXPECT_EQ(parse_call_status(to_string(row.status)), row.status);
  EXPECT_EQ(parse_failure_code("no such code"), std::nullopt);
  EXPECT_EQ(parse_errc("no such code"), errc::internal);
}

TEST(Codes, OfEarlierRecordsAreWhatTheCauseSays) {
  EXPECT_EQ(likely_code("redirect_failed", errc::network), failure_code::redirect_failed);
  EXPECT_EQ(likely_code("answer_url_failed", errc::unsupported_action), failure_code::unsupported_action);
  EXPECT_EQ(likely_code("media_unavailable", errc::limit_reached), failure_code::media_unavailable);
  EXPECT_EQ(likely_code("normal_clearing", errc::conference_unavailable),
            failure_code::conference_unavailable);
  EXPECT_EQ(likely_code("", errc::http_status), failure_code::answer_url_failed);
}

TEST(HangupCauses, HaveEachNameOnceAndNumbersOfQ850) {
  std::set<std::string_view> names;
  std::set<int> q850;
  for (const auto& row : cause_rows()) {
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
    EXPECT_GE(row.q850, 1) << row.name;
    EXPECT_LE(row.q850, 127) << row.name;
    EXPECT_TRUE(!row.of_q850 || q850.insert(row.q850).second) << row.name;
    EXPECT_TRUE(row.of_q850 || !row.sentence.empty()) << row.name;
    EXPECT_EQ(cause_named(row.name).name, row.name);
  }
}

TEST(HangupCauses, OfOurOwnFailuresAreCausesToo) {
  for (const auto& row : failure_rows())
    if (row.code != failure_code::unsupported_action) {
      EXPECT_EQ(cause_named(row.name).name, row.name);
    }
}

} // namespace
} // namespace plenary
