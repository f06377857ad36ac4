#include "node/config/changes.hpp"
#include "node/config/digest.hpp"
#include "node/config/load.hpp"
#include "node/config/print.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plenary {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

configuration example_now() {
  return *parse_configuration(example_configuration(), "plenary.toml");
}

TEST(ConfigurationChanges, NamesWhatARunningNodeTakesWithoutItsValue) {
  const auto before = example_now();
  auto after = before;
  after.sip.max_calls = 7;
  after.http.operator_key = "another_operator_key";
  after.applications[0].webhook_secret = "another_secret";
  after.applications[0].max_calls = 9;
  after.dids.push_back({"100", after.applications[0].id});
  after.trunks.clear();

  const auto changes = changes_between(before, after);

  EXPECT_THAT(changes.live, ElementsAre("sip.max_calls", "http.operator_key",
                                        "application app_demo: webhook_secret and max_calls", "did 100 added",
                                        "trunk carrier removed"));
  EXPECT_THAT(changes.fixed, IsEmpty());
}

TEST(ConfigurationChanges, NamesWhatNeedsARestart) {
  const auto before = example_now();
  auto after = before;
  after.node.data_dir = "elsewhere";
  after.http.listen.port = 81;
  after.cluster.seeds = {"127.0.0.1:7400"};

  const auto changes = changes_between(before, after);

  EXPECT_THAT(changes.fixed, ElementsAre("node.data_dir", "http.listen", "cluster.seeds"));
  EXPECT_THAT(changes.live, IsEmpty());
}

TEST(ConfigurationChanges, AnotherOrderIsNoChange) {
  auto before = example_now();
  before.dids.push_back({"100", before.applications[0].id});
  auto after = before;
  std::swap(after.dids[0], after.dids[1]);

  const auto changes = changes_between(before, after);

  EXPECT_THAT(changes.live, IsEmpty());
  EXPECT_EQ(customer_digests_of(before), customer_digests_of(after));
}

TEST(ConfigurationChanges, ListTheFirstAndCountTheRest) {
  EXPECT_EQ(names_of_changes({}), "nothing");
  EXPECT_EQ(names_of_changes({"a", "b"}, 2), "a, b");
  EXPECT_EQ(names_of_changes({"a", "b", "c", "d"}, 2), "a, b and 2 more");
}

TEST(Digests, NumbersAndApplicationsAreNoPartOfWhatMustBeEqual) {
  const auto before = example_now();
  auto after = before;
  after.dids.push_back({"100", after.applications[0].id});

  EXPECT_EQ(shared_digest(before), shared_digest(after));
  EXPECT_EQ(customer_digests_of(before).applications, customer_digests_of(after).applications);
  EXPECT_NE(customer_digests_of(before).numbers, customer_digests_of(after).numbers);
  after.applications[0].webhook_url += "/new";
  EXPECT_EQ(shared_digest(before), shared_digest(after));
  EXPECT_NE(customer_digests_of(before).applications, customer_digests_of(after).applications);
  after.room.loudest += 1;
  EXPECT_NE(shared_digest(before), shared_digest(after));
}

TEST(Digests, SecretsAreNoPartOfThem) {
  const auto before = example_now();
  auto after = before;
  after.applications[0].webhook_secret = "another_secret";
  after.applications[0].api_key = "another_api_key";

  EXPECT_EQ(customer_digests_of(before), customer_digests_of(after));
}

TEST(Digests, OlderVersionsKnowTheOneOfTheExample) {
  EXPECT_EQ(configuration_digest(example_now()), 0x9ba94bec4f86f48dU);
}

} // namespace
} // namespace plenary
