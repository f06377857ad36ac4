#pragma once

#include "schema/result.hpp"

#include <span>
#include <string_view>

namespace plenary {

/// A row of the table of `errc`.
struct error_row {
  errc code;
  std::string_view name;
  std::string_view sentence; ///< for the documents
};

/// Every code, in the order of the enumeration.
std::span<const error_row> error_rows();

} // namespace plenary
