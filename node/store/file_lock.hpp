#pragma once

#include "schema/result.hpp"

#include <memory>
#include <string>

namespace plenary {

/// Keeps a second node from using the same store: an advisory lock on `<path>.lock` that ends with the
/// process.
class file_lock {
public:
  static result<std::unique_ptr<file_lock>> take(const std::string& path);

  ~file_lock();
  file_lock(const file_lock&) = delete;
  file_lock& operator=(const file_lock&) = delete;

private:
  explicit file_lock(int descriptor)
      : descriptor_(descriptor) {}

  int descriptor_;
};

} // namespace plenary
