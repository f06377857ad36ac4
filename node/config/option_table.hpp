#pragma once

#include "node/config/option.hpp"

#include <span>
#include <tuple>

namespace plenary {

/// A table of the file that stands once, for example `[media]`.
template <class Section>
struct single_section {
  using section_type = Section;
  std::string_view name;
  Section configuration::*member;
  std::span<const option<Section>> options;
  std::string_view sentence;
};

/// A table of the file that stands any number of times, for example `[[application]]`.
template <class Section>
struct list_section {
  using section_type = Section;
  std::string_view name;
  std::vector<Section> configuration::*member;
  std::span<const option<Section>> options;
  std::string_view sentence;
};

/// Every section with every option, in the order of the example.
using option_table =
    std::tuple<single_section<node_options>, single_section<sip_options>, single_section<media_options>,
               single_section<http_options>, single_section<room_options>,
               single_section<http_client_options>, single_section<webhook_options>,
               single_section<store_options>, single_section<cluster_options>,
               list_section<application_options>, list_section<did_options>, list_section<trunk_options>>;

const option_table& all_options();

/// Calls `visit(section)` for each section in order.
template <class Visitor>
void for_each_section(Visitor&& visit) {
  std::apply([&](const auto&... section) { (visit(section), ...); }, all_options());
}

} // namespace plenary
