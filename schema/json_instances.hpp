#pragma once

// What nlohmann's templates become for the JSON of this program, compiled once (json_instances.cpp) instead
// of in every unit that reads or writes a document. Part of the precompiled headers; a unit without it
// compiles its own.

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace plenary::json_instances {

using text_source = nlohmann::detail::iterator_input_adapter<std::string::const_iterator>;
using view_source = nlohmann::detail::iterator_input_adapter<const char*>;

} // namespace plenary::json_instances

extern template class nlohmann::basic_json<>;
extern template class std::vector<nlohmann::json>;
extern template class nlohmann::detail::serializer<nlohmann::json>;
extern template class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;
extern template class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>;
extern template class nlohmann::detail::lexer<nlohmann::json, plenary::json_instances::text_source>;
extern template class nlohmann::detail::lexer<nlohmann::json, plenary::json_instances::view_source>;
extern template class nlohmann::detail::parser<nlohmann::json, plenary::json_instances::text_source>;
extern template class nlohmann::detail::parser<nlohmann::json, plenary::json_instances::view_source>;
