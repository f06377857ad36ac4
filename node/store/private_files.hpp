#pragma once

#include "actors/edge/log.hpp"
#include "schema/result.hpp"

#include <filesystem>

namespace plenary {

/// Makes the folder of a store's file when it is missing, for its owner alone (0700). Fails with `storage`.
result<void> make_private_folder(const std::filesystem::path& file);

/// Takes the rights of group and others from the files of a store (the file, and those whose names start with
/// its name) and, when nothing else lies there, from their folder; a folder that holds other things stays as
/// it is, and the log says so.
void make_private(const std::filesystem::path& file, logger& log);

} // namespace plenary
