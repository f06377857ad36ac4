#pragma once

#include "node/store/postgres.hpp"
#include "schema/result.hpp"

namespace plenary {

/// Version of the tables that this program reads and writes.
int postgres_schema_version();

/// Makes the schema `plenary`, or brings it to this program's version, under an advisory lock, and makes it
/// the connection's search path. Fails with `storage` when a newer program has changed the tables so that
/// this one cannot use them. Throws `postgres_failure` when PostgreSQL itself fails.
result<void> migrate(postgres_connection& connection);

} // namespace plenary
