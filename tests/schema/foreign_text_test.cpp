#include "schema/foreign_text.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>

namespace plenary {
namespace {

TEST(ForeignText, LeavesPrintableTextAlone) {
  EXPECT_EQ(cut_foreign_text("HTTP 404: caf\xC3\xA9 \xF0\x9F\x98\x80"),
            "HTTP 404: caf\xC3\xA9 \xF0\x9F\x98\x80");
  EXPECT_EQ(cut_foreign_text(""), "");
}

TEST(ForeignText, KeepsTextAtTheLimitAndCutsOneByteMore) {
  EXPECT_EQ(cut_foreign_text(std::string(max_foreign_bytes, 'x')).size(), max_foreign_bytes);
  EXPECT_EQ(cut_foreign_text(std::string(max_foreign_bytes + 1, 'x')).size(), max_foreign_bytes);
}

TEST(ForeignText, CutsBetweenCharacters) {
  EXPECT_EQ(cut_foreign_text("ab\xC3\xA9", 3), "ab");
  EXPECT_EQ(cut_foreign_text("ab\xC3\xA9", 4), "ab\xC3\xA9");
}

TEST(ForeignText, ReplacesControlCharactersAndWhatIsNoUtf8) {
  for (const char* text : {"\n", "\x1B", "\x7F", "\xC2\x85", "\xFF", "\xC3", "\x80"})
    EXPECT_EQ(cut_foreign_text(text), "\xEF\xBF\xBD");
  EXPECT_EQ(cut_foreign_text(std::string_view{"a\0b", 3}), "a\xEF\xBF\xBD"
                                                           "b");
  EXPECT_EQ(cut_foreign_text("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");          // overlong
  EXPECT_EQ(cut_foreign_text("\xED\xA0\x80").substr(0, 3), "\xEF\xBF\xBD");     // a surrogate
  EXPECT_EQ(cut_foreign_text("\xF4\x90\x80\x80").substr(0, 3), "\xEF\xBF\xBD"); // above U+10FFFF
}

TEST(ForeignText, IsAlwaysUtf8OfBoundedSize) {
  const auto seed = std::random_device{}();
  SCOPED_TRACE(seed);
  std::mt19937 random{seed};
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random() % 400, ' ');
    for (auto& each : bytes)
      each = static_cast<char>(random() % 4 == 0 ? random() : 0x80 + random() % 0x80);

    const auto shown = cut_foreign_text(bytes);

    ASSERT_LE(shown.size(), max_foreign_bytes);
    ASSERT_NO_THROW(nlohmann::json(shown).dump());
  }
}

} // namespace
} // namespace plenary
