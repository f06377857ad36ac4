#include "tests/attack/under_attack.hpp"

#include <csignal>
#include <fstream>

namespace plenary::attack::reload_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class ReloadedNode : public UnderAttack {};

TEST_F(ReloadedNode, IsNotHeardHoweverOftenItsConfigurationChanges) {
  begin();
  const auto file = node->directory() / "plenary.toml";
  std::ifstream stream{file};
  const std::string usual{std::istreambuf_iterator<char>{stream}, {}};
  std::string many = usual;
  for (int i = 0; i < 3000; ++i)
    many += fmt::format("[[did]]\nnumber = \"+1555900{:04}\"\napplication = \"app_demo\"\n", i);
  const auto replace = [&file](const std::string& text) {
    const auto next = file.string() + ".next";
    std::ofstream{next} << text;
    std::filesystem::rename(next, file);
  };
  const auto reloads = [this] {
    const auto output = node->output();
    int count = 0;
    for (std::size_t at = 0; (at = output.find("\"event\":\"config_reloaded\"", at)) != std::string::npos;
         ++at)
      ++count;
    return count;
  };
  talkers->watch();

  for (int i = 1; i <= 30 * factor(); ++i) {
    replace(i % 2 == 1 ? many : usual);
    node->process().signal(SIGHUP);
    ASSERT_TRUE(eventually([&] { return reloads() >= i; })) << i;
    test::rtp_caller one(caller(0, "+15550000021"));
    EXPECT_TRUE(one.call()) << "calls come meanwhile";
    EXPECT_EQ(one.hang_up(), 200);
  }

  expect_unharmed();
}

} // namespace

} // namespace plenary::attack::reload_test
