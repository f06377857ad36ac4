#include "node/store/open_store.hpp"

#include "node/store/postgres_store.hpp"
#include "node/store/sqlite_store.hpp"

#include <string_view>
#include <system_error>

namespace plenary {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

result<void> make_folder_of(const std::filesystem::path& file) {
  std::error_code failed;
  if (file.has_parent_path())
    std::filesystem::create_directories(file.parent_path(), failed);
  if (failed)
    return fail(errc::storage,
                fmt::format("cannot make {}: {}", file.parent_path().string(), failed.message()));
  return {};
}

} // namespace

result<std::unique_ptr<event_store>> open_store(const store_place& place, telemetry& figures, logger& log,
                                                store_settings settings) {
  bool embedded = place.url.empty() || place.url.starts_with(sqlite_scheme);
  auto file = !embedded           ? place.data_dir / "spool.db"
              : place.url.empty() ? place.data_dir / "plenary.db"
                                  : std::filesystem::path{place.url.substr(sqlite_scheme.size())};
  if (auto made = make_folder_of(file); !made)
    return tl::unexpected(made.error());
  if (embedded)
    return sqlite_store::open(file.string(), figures, log, std::move(settings));
  return postgres_store::open(place.url, file.string(), figures, log, std::move(settings));
}

} // namespace plenary
