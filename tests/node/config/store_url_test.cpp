#include "node/config/checks.hpp"
#include "node/config/load.hpp"
#include "node/config/print.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

load_result with_store(const std::string& url) {
  return parse_configuration("[store]\nurl = \"" + url + "\"\n", "/etc/plenary/plenary.toml");
}

load_result with_events(const std::string& events) {
  return parse_configuration(
      "[[application]]\nid = \"a\"\ncustomer_id = \"c\"\napi_key = \"mv_test_key\"\n"
      "answer_url = \"http://h/a\"\nwebhook_url = \"http://h/w\"\nwebhook_secret = \"hush-hush\"\nevents = " +
          events + "\n",
      "plenary.toml");
}

TEST(StoreUrl, OfASqliteFileStartsAtTheConfigurationsFolder) {
  auto relative = with_store("sqlite:data/plenary.db");
  auto absolute = with_store("sqlite:/var/lib/plenary/plenary.db");
  auto left_out = parse_configuration("", "/etc/plenary/plenary.toml");

  EXPECT_EQ(relative->store.url, "sqlite:/etc/plenary/data/plenary.db");
  EXPECT_EQ(absolute->store.url, "sqlite:/var/lib/plenary/plenary.db");
  EXPECT_EQ(left_out->store.url, "");
}

TEST(StoreUrl, IsRefusedWhenItIsOfNoKnownKindAndIsNotRepeated) {
  for (const auto* url :
       {"mysql://u:swordfish@h/d", "sqlite:", "data/plenary.db", "postgresql://u:sword fish@h"}) {
    auto loaded = with_store(url);

    ASSERT_FALSE(loaded.has_value()) << url;
    auto text = to_string(loaded.error().at(0));
    EXPECT_THAT(text, HasSubstr("store.url"));
    EXPECT_THAT(text, Not(HasSubstr("fish")));
  }
}

TEST(StoreUrl, IsPrintedWithoutItsPasswords) {
  struct example {
    const char* url;
    const char* shown;
  };
  for (const auto& [url, shown] : {
           example{"postgresql://plenary:swordfish@db/plenary", "postgresql://plenary:***@db/plenary"},
           example{"postgresql://plenary:sword@fish@db/plenary", "postgresql://plenary:***@db/plenary"},
           example{"postgresql://db/plenary?user=u&password=swordfish&sslmode=require",
                   "postgresql://db/plenary?user=u&password=***&sslmode=require"},
           example{"postgres://db/plenary?sslpassword=swordfish", "postgres://db/plenary?sslpassword=***"},
           example{"postgresql://plenary@db:5432/plenary", "postgresql://plenary@db:5432/plenary"},
           example{"postgresql://db:5432/plenary", "postgresql://db:5432/plenary"},
       }) {
    auto text = print_configuration(*with_store(url));

    EXPECT_THAT(text, HasSubstr("url = \"" + std::string{shown} + "\"")) << url;
    EXPECT_THAT(text, Not(HasSubstr("fish"))) << url;
  }
}

TEST(EventSubscriptions, AreNamesOfRoomEventsAndStars) {
  auto loaded = with_events(R"(["room.*", "participant.joined"])");

  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error().at(0));
  ASSERT_EQ(loaded->applications.at(0).events.size(), 2U);
  EXPECT_EQ(loaded->applications.at(0).events.at(0).text, "room.*");
}

TEST(EventSubscriptions, RefuseUnknownNames) {
  auto loaded = with_events(R"(["room.exploded"])");

  ASSERT_FALSE(loaded.has_value());
  auto text = to_string(loaded.error().at(0));
  EXPECT_THAT(text, HasSubstr("application[0].events"));
  EXPECT_THAT(text, HasSubstr("room.exploded"));
}

} // namespace
} // namespace plenary
