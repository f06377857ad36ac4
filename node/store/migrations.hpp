#pragma once

#include "node/store/sqlite.hpp"
#include "schema/result.hpp"

namespace plenary {

/// Version of the tables that this program reads and writes.
int store_schema_version();

/// Brings a new or older file to this program's version; refuses files of other programs and of newer
/// versions. Throws `sqlite_failure` when SQLite itself fails.
result<void> migrate(sqlite_connection& connection, wall_time now);

} // namespace plenary
