#include "tests/support/temporary_directory.hpp"

#include "schema/result.hpp"

#include <stdlib.h>

#include <string>
#include <system_error>

namespace plenary::test {

temporary_directory::temporary_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "plenary-test-XXXXXX").string();
  PLENARY_ASSERT(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

temporary_directory::~temporary_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace plenary::test
