// The corpora of all fuzz targets as tests of the ordinary build: what once broke something stays mended
// under every compiler.
#include "tests/fuzz/targets.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

namespace plenary::fuzz {

namespace {

class FuzzCorpus : public testing::TestWithParam<target> {};

TEST_P(FuzzCorpus, BreaksNoLaw) {
  const auto folder =
      std::filesystem::path{PLENARY_SOURCE_DIR} / "tests" / "fuzz" / "corpus" / std::string{GetParam().name};
  ASSERT_TRUE(std::filesystem::is_directory(folder)) << folder;
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream stream{file.path(), std::ios::binary};
    const std::string input{std::istreambuf_iterator<char>{stream}, {}};
    SCOPED_TRACE(file.path());
    GetParam().run({reinterpret_cast<const std::uint8_t*>(input.data()), input.size()});
    ++count;
  }
  EXPECT_GT(count, 0) << "no input in " << folder;
}

INSTANTIATE_TEST_SUITE_P(Targets, FuzzCorpus, testing::ValuesIn(targets()),
                         [](const auto& each) { return std::string{each.param.name}; });

} // namespace

} // namespace plenary::fuzz
