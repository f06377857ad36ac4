#include "actors/call/web_url.hpp"

#include <gtest/gtest.h>

namespace plenary {
namespace {

TEST(SameOrigin, ResolvesALocation) {
  const std::string base = "https://Host.example/a/b?q=1";
  for (const auto& [location, target] : std::vector<std::pair<std::string, std::string>>{
           {"/x", "https://Host.example/x"},
           {"x", "https://Host.example/a/x"},
           {"?y", "https://Host.example/a/b?y"},
           {"x?u=http://other/", "https://Host.example/a/x?u=http://other/"},
           {"//host.example/x", "https://host.example/x"},
           {"https://host.example/x", "https://host.example/x"},
           {"HTTPS://HOST.EXAMPLE:443/x#part", "HTTPS://HOST.EXAMPLE:443/x"}})
    EXPECT_EQ(same_origin_target(base, location), target) << location;
  EXPECT_EQ(same_origin_target("http://h", "x"), "http://h/x");
  EXPECT_EQ(same_origin_target("http://h:8080/a", "http://h:8080/b"), "http://h:8080/b");
}

TEST(SameOrigin, LeavesTheOriginNever) {
  for (const char* location :
       {"", "http://host.example/x", "https://host.example:8443/x", "https://other.example/x",
        "//other.example/x", "https://host.example.evil.com/", "https://host.example@evil.com/",
        "https://u:p@host.example/", "https:///x", "ftp://host.example/x", "javascript:alert(1)",
        "https://host.example\\@evil.com/", "/x\r\ny", "https://[::1]/", "data:text/plain,x"})
    EXPECT_EQ(same_origin_target("https://host.example/a", location), std::nullopt) << location;
}

TEST(SameOrigin, KeepsTheUserOfTheOldUrl) {
  EXPECT_EQ(same_origin_target("http://u:p@h/a", "/b"), "http://u:p@h/b");
}

} // namespace
} // namespace plenary
