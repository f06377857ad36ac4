#include "node/store/open_store.hpp"

#include "node/store/postgres_store.hpp"
#include "node/store/private_files.hpp"
#include "node/store/sqlite_store.hpp"

#include <string_view>

namespace plenary {

namespace {

constexpr std::string_view sqlite_scheme = "sqlite:";

using opened_store = result<std::unique_ptr<event_store>>;

} // namespace

result<std::unique_ptr<event_store>> open_store(const store_place& place, telemetry& figures, logger& log,
                                                store_settings settings) {
  bool embedded = place.url.empty() || place.url.starts_with(sqlite_scheme);
  auto file = !embedded           ? place.data_dir / "spool.db"
              : place.url.empty() ? place.data_dir / "plenary.db"
                                  : std::filesystem::path{place.url.substr(sqlite_scheme.size())};
  if (auto made = make_private_folder(file); !made)
    return tl::unexpected(made.error());
  auto opened =
      embedded
          ? opened_store{sqlite_store::open(file.string(), figures, log, std::move(settings))}
          : opened_store{postgres_store::open(place.url, file.string(), figures, log, std::move(settings))};
  if (opened)
    make_private(file, log);
  return opened;
}

} // namespace plenary
