#include "tests/node/store/full_disk.hpp"
#include "tests/node/store/store_fixture.hpp"

#include <algorithm>

namespace plenary {
namespace {

/// The database is away and this node's disk is full.
class PostgresDisk : public test::store_fixture {
protected:
  PostgresDisk()
      : store_fixture(test::store_kind::postgres) {}

  std::vector<std::string> take_all() {
    std::vector<std::string> taken;
    for (auto claimed = claim_ids(); !claimed.empty(); claimed = claim_ids())
      for (const auto& id : claimed) {
        taken.push_back(id);
        (void)settle({{id, delivery_outcome::kind::acknowledged, {}, ""}});
      }
    std::sort(taken.begin(), taken.end());
    return taken;
  }
};

TEST_F(PostgresDisk, ThatIsFullKeepsWritesInMemoryAndSaysSo) {
  auto settings = patient();
  settings.health = std::make_shared<store_health>(figures_, log_);
  const auto health = settings.health;
  reopen(settings);
  test::shared_server().kill();
  ASSERT_TRUE(test::eventually([&] {
    (void)depth();
    return figures_[gauge::store_connected] == 0;
  }));
  ASSERT_TRUE(commit({{call("before")}, {event("before", 1)}}));
  ASSERT_TRUE(health->accepts());
  std::promise<result<void>> stored;
  {
    const test::full_disk disk{1};
    store_->commit({{call("a")}, {event("a", 1)}}, [&](auto outcome) { stored.set_value(outcome); });

    ASSERT_TRUE(test::eventually([&] { return !health->accepts(); }));
    EXPECT_EQ(figures_[gauge::store_writable], 0);
    EXPECT_EQ(find_call("before").value()->id.value, "before") << "questions wait for no disk";
    EXPECT_GE(figures_[gauge::store_waiting], 1);
  }

  EXPECT_TRUE(stored.get_future().get().has_value());
  EXPECT_TRUE(health->accepts());
  test::shared_server().start();
  ASSERT_TRUE(test::eventually(
      [&] { return figures_[gauge::store_connected] == 1 && figures_[gauge::events_in_spool] == 0; }));
  EXPECT_EQ(take_all(), (std::vector<std::string>{"a-1", "before-1"}));
}

} // namespace
} // namespace plenary
