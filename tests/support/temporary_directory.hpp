#pragma once

#include <filesystem>

namespace plenary::test {

/// A new empty directory that is removed with everything in it when the object dies.
class temporary_directory {
public:
  temporary_directory();
  ~temporary_directory();
  temporary_directory(const temporary_directory&) = delete;
  temporary_directory& operator=(const temporary_directory&) = delete;

  const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

} // namespace plenary::test
