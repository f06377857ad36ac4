#pragma once

#include "actors/edge/event_store.hpp"
#include "actors/edge/log.hpp"
#include "actors/edge/telemetry.hpp"
#include "node/store/store_settings.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace plenary {

/// Where a node's store is.
struct store_place {
  std::string url;                ///< `sqlite:PATH`, `postgresql://...`; empty: `plenary.db` in `data_dir`
  std::filesystem::path data_dir; ///< also of the spool `spool.db`, which PostgreSQL's outages need
};

/// Opens the store of that place, making folders that are missing; `figures` and `log` must outlive it. Fails
/// with `storage`; the error never holds the URL, which may hold a password.
result<std::unique_ptr<event_store>> open_store(const store_place& place, telemetry& figures, logger& log,
                                                store_settings settings);

} // namespace plenary
