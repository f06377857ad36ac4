#pragma once

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>

namespace plenary::testing_support {

/// Text of a file of the repository, which must equal what the program generates. With the environment
/// variable PLENARY_WRITE_GENERATED set, the file is written anew first.
inline std::string generated_file(const std::string& path, std::string_view generated) {
  auto full = std::string{PLENARY_SOURCE_DIR "/"} + path;
  if (std::getenv("PLENARY_WRITE_GENERATED") != nullptr)
    std::ofstream{full, std::ios::binary} << generated;
  std::ifstream file{full, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

} // namespace plenary::testing_support
