#include "schema/foreign_text.hpp"
#include "schema/shown_url.hpp"

#include <gtest/gtest.h>

namespace plenary {

TEST(ShownUrl, LeavesOutUserQueryAndFragment) {
  EXPECT_EQ(shown_url("https://user:password@h.example:8443/answer?token=secret#part"),
            "https://h.example:8443/answer");
  EXPECT_EQ(shown_url("http://h/a@b"), "http://h/a@b");
  EXPECT_EQ(shown_url("http://h?token=secret"), "http://h");
  EXPECT_EQ(shown_url(""), "");
}

TEST(ShownUrl, IsBoundedAndPrintable) {
  const auto shown = shown_url("http://h/\x01" + std::string(1000, 'a'));

  EXPECT_LE(shown.size(), max_foreign_bytes);
  EXPECT_EQ(shown.find('\x01'), std::string::npos);
}

TEST(ShownUrl, OfAnOriginHasNoPath) {
  EXPECT_EQ(shown_origin("https://user@hooks.example/services/T0/B0/secret"), "https://hooks.example");
  EXPECT_EQ(shown_origin("http://[::1]:9000/a/b"), "http://[::1]:9000");
}

} // namespace plenary
