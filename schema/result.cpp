#include "schema/result.hpp"

#include "schema/error_codes.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace plenary {

namespace {

constexpr std::array error_table{
    error_row{errc::malformed, "malformed", "Text or bytes that do not follow their format."},
    error_row{errc::unsupported, "unsupported", "Well formed, but a feature that is not built."},
    error_row{errc::unsupported_action, "unsupported_action", "An action that Plenary does not run."},
    error_row{errc::not_acceptable, "not_acceptable", "No codec, encryption or media in common."},
    error_row{errc::not_found, "not_found", "There is nothing of that name."},
    error_row{errc::limit_reached, "limit_reached",
              "A limit is used up: of the configuration, of the document, or of `max_redirects`."},
    error_row{errc::unauthorized, "unauthorized", "A credential is missing or wrong."},
    error_row{errc::timeout, "timeout", "The deadline passed first."},
    error_row{errc::network, "network", "The server was not reached, or cut its answer short."},
    error_row{errc::http_status, "http_status", "The server answered, but not 2xx."},
    error_row{errc::unavailable, "unavailable", "The node is busy, leaving, or not started yet."},
    error_row{errc::conference_unavailable, "conference_unavailable",
              "The room took nobody in at that moment."},
    error_row{errc::storage, "storage", "The store refused or lost a write."},
    error_row{errc::internal, "internal", "The node failed; its log says more."},
    error_row{errc::moved, "moved", "The room is on another node now."},
    error_row{errc::moving, "moving", "The room is between two nodes."},
    error_row{errc::stale, "stale", "An older epoch of the room was meant."},
};

} // namespace

std::span<const error_row> error_rows() {
  return error_table;
}

std::string_view to_string(errc code) {
  const auto* found = std::find_if(error_table.begin(), error_table.end(),
                                   [code](const error_row& row) { return row.code == code; });
  return found == error_table.end() ? "internal" : found->name;
}

errc parse_errc(std::string_view name) {
  const auto* found = std::find_if(error_table.begin(), error_table.end(),
                                   [name](const error_row& row) { return row.name == name; });
  return found == error_table.end() ? errc::internal : found->code;
}

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "broken invariant: %s at %s:%d\n", expression, file, line);
  std::abort();
}

} // namespace plenary
