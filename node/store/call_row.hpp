#pragma once

#include "schema/call.hpp"
#include "schema/result.hpp"

#include <string>
#include <string_view>

namespace plenary {

/// Every field of a record as JSON text; times are integers, nanoseconds since the epoch.
std::string to_row(const call_record& record);

/// The record that `to_row` wrote; fails with `storage` for any other text.
result<call_record> from_row(std::string_view text);

} // namespace plenary
