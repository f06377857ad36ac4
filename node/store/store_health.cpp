#include "node/store/store_health.hpp"

#include <fmt/format.h>
#include <sys/statvfs.h>

#include <filesystem>

namespace plenary {

store_health::store_health(telemetry& figures, logger& log)
    : figures_(figures)
    , log_(log) {
  figures_.set(gauge::store_writable, 1);
}

void store_health::succeeded() {
  std::lock_guard lock{mutex_};
  refusal_.clear();
  judge();
}

void store_health::failed(std::string_view reason) {
  std::lock_guard lock{mutex_};
  refusal_ = fmt::format("a write failed: {}", reason);
  judge();
}

void store_health::set_free(std::uint64_t bytes, std::uint64_t least) {
  std::lock_guard lock{mutex_};
  no_space_ = bytes >= least ? "" : fmt::format("{} KiB are free, {} are needed", bytes / 1024, least / 1024);
  judge();
}

std::string store_health::trouble() const {
  std::lock_guard lock{mutex_};
  return refusal_.empty() ? no_space_ : refusal_;
}

void store_health::judge() {
  const bool accepts = refusal_.empty() && no_space_.empty();
  if (accepts_.exchange(accepts) == accepts)
    return;
  figures_.set(gauge::store_writable, accepts ? 1 : 0);
  const auto& why = refusal_.empty() ? no_space_ : refusal_;
  if (accepts)
    log_.info("store_writable");
  else
    log_.error("store_unwritable", {{"reason", std::string_view{why}},
                                    {"hint", "new calls get 503 until there is space; running calls go on"}});
}

std::optional<std::uint64_t> free_bytes_beside(const std::string& file) {
  const auto folder = std::filesystem::path{file}.parent_path();
  struct statvfs about {};
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &about) != 0)
    return std::nullopt;
  return static_cast<std::uint64_t>(about.f_bavail) * about.f_frsize;
}

} // namespace plenary
