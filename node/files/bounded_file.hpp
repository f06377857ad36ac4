#pragma once

#include "schema/result.hpp"

#include <cstddef>
#include <filesystem>
#include <string>

namespace plenary {

/// The bytes of a regular file. Never waits, whatever the name leads to: a pipe, a device and a folder are
/// refused with `malformed`, more than `most` bytes with `limit_reached`, what the system does not open or
/// read with `not_found`. The error says what is wrong with the file without naming it.
result<std::string> read_bounded_file(const std::filesystem::path& file, std::size_t most);

} // namespace plenary
