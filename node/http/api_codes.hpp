#pragma once

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace plenary {

/// `error.code` of the HTTP API's answers, which clients branch on.
enum class api_code {
  invalid_request,
  unauthorized,
  forbidden,
  not_found,
  call_not_found,
  room_not_found,
  participant_not_found,
  node_not_found,
  method_not_allowed,
  timeout,
  limit_reached,
  body_too_large,
  header_too_large,
  too_many_requests,
  too_many_connections,
  internal,
  unsupported,
  moving,
  unavailable
};

/// A row of the table of codes.
struct api_code_row {
  api_code code;
  std::string_view name;
  std::array<int, 2> statuses; ///< that it comes with; 0: no second one
  std::string_view sentence;   ///< for the documents
};

/// Every code, in the order of the enumeration.
std::span<const api_code_row> api_code_rows();

/// The name that stands in answers, for example `call_not_found`.
std::string_view to_string(api_code code);

/// True when the code may come with this HTTP status.
bool comes_with(api_code code, int status);

/// The text of docs/codes.md: every code, cause and status that customers and operators meet.
std::string codes_document();

} // namespace plenary
