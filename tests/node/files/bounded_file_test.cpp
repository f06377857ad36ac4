#include "node/files/bounded_file.hpp"
#include "tests/support/temporary_directory.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

namespace plenary {
namespace {

class BoundedFile : public testing::Test {
protected:
  std::filesystem::path write(const std::string& text) {
    const auto file = folder_.path() / "file";
    std::ofstream{file, std::ios::binary} << text;
    return file;
  }

  test::temporary_directory folder_;
};

TEST_F(BoundedFile, IsReadWholeUpToItsLimitAndRefusedAbove) {
  const std::string longest(40'000, 'x');

  const auto at_the_limit = read_bounded_file(write(longest), longest.size());
  const auto above = read_bounded_file(write(longest + 'x'), longest.size());

  ASSERT_TRUE(at_the_limit) << at_the_limit.error().message;
  EXPECT_EQ(*at_the_limit, longest);
  ASSERT_FALSE(above);
  EXPECT_EQ(above.error().code, errc::limit_reached);
}

TEST_F(BoundedFile, MayBeEmptyAndHoldAnyBytes) {
  using namespace std::string_literals;

  EXPECT_EQ(read_bounded_file(write(""), 10), ""s);
  EXPECT_EQ(read_bounded_file(write("a\0\xFF\r\n"s), 10), "a\0\xFF\r\n"s);
}

TEST_F(BoundedFile, IsNeverAPipeADeviceOrAFolder) {
  const auto pipe = folder_.path() / "pipe";
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  const auto link = folder_.path() / "link";
  std::filesystem::create_symlink("/dev/zero", link);

  for (const auto& file :
       {pipe, folder_.path(), std::filesystem::path{"/dev/zero"}, std::filesystem::path{"/dev/tty"}, link}) {
    const auto refused = read_bounded_file(file, 10);
    ASSERT_FALSE(refused) << file;
    EXPECT_TRUE(refused.error().code == errc::malformed || file == "/dev/tty") << refused.error().message;
  }
}

TEST_F(BoundedFile, ThatIsNotThereSaysSo) {
  const auto refused = read_bounded_file(folder_.path() / "absent", 10);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::not_found);
  EXPECT_EQ(refused.error().message, "No such file or directory");
}

} // namespace
} // namespace plenary
