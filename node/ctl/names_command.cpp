#include "node/ctl/commands.hpp"
#include "node/ctl/text_table.hpp"
#include "node/ctl/views.hpp"

#include <array>

namespace plenary {

namespace {

/// A list of the API, and what its entries are called by.
struct named_list {
  std::string_view kind;
  const char* path;
  const char* name;
  bool has_pages;
};

constexpr std::array named_lists{
    named_list{"rooms", "/v1/rooms", "name", true}, named_list{"calls", "/v1/calls", "id", true},
    named_list{"nodes", "/v1/nodes", "name", false}, named_list{"customers", "/v1/customers", "id", false}};

} // namespace

std::optional<ctl_trouble> run_names(const ctl_session& session, std::ostream& out) {
  const auto& kind = session.arguments().operands[0];
  for (const auto& each : named_lists) {
    if (each.kind != kind)
      continue;
    auto document = each.has_pages ? session.ask_all(each.path, kind) : session.ask("GET", each.path);
    if (!document)
      return document.error();
    for (const auto& entry : list_of(*document, kind.c_str()))
      out << printable(field_text(entry, each.name)) << "\n";
    return std::nullopt;
  }
  return ctl_trouble{ctl_status::wrong_usage, "names are there of rooms, calls, nodes and customers"};
}

} // namespace plenary
