#include "node/store/private_files.hpp"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <string_view>

namespace plenary {

namespace {

constexpr mode_t rights_of_others = 077;

/// The mode, or 0 when there is none or the file belongs to somebody else.
mode_t own_mode(const std::filesystem::path& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && about.st_uid == ::geteuid() ? about.st_mode & 07777U : 0;
}

void take_rights_of_others(const std::filesystem::path& path) {
  if (const auto mode = own_mode(path); (mode & rights_of_others) != 0)
    ::chmod(path.c_str(), mode & ~rights_of_others);
}

std::filesystem::path folder_of(const std::filesystem::path& file) {
  return file.has_parent_path() ? file.parent_path() : std::filesystem::path{"."};
}

} // namespace

result<void> make_private_folder(const std::filesystem::path& file) {
  std::error_code failed;
  const auto folder = folder_of(file);
  if (std::filesystem::is_directory(folder, failed))
    return {};
  std::filesystem::create_directories(folder, failed);
  if (failed)
    return fail(errc::storage, fmt::format("cannot make {}: {}", folder.string(), failed.message()));
  take_rights_of_others(folder);
  return {};
}

void make_private(const std::filesystem::path& file, logger& log) {
  const auto folder = folder_of(file);
  const auto name = file.filename().string();
  bool holds_others = false;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator{folder, failed})
    if (entry.path().filename().string().starts_with(name))
      take_rights_of_others(entry.path());
    else
      holds_others = true;
  const auto text = folder.string();
  if ((own_mode(folder) & rights_of_others) == 0)
    return;
  if (holds_others)
    log.warning("data_folder_is_open",
                {{"folder", std::string_view{text}},
                 {"hint", "others may enter it: chmod 700, if nothing else needs it"}});
  else
    take_rights_of_others(folder);
}

} // namespace plenary
