#include "schema/json_instances.hpp"

template class nlohmann::basic_json<>;
template class std::vector<nlohmann::json>;
template class nlohmann::detail::serializer<nlohmann::json>;
template class nlohmann::detail::json_sax_dom_parser<nlohmann::json>;
template class nlohmann::detail::json_sax_dom_callback_parser<nlohmann::json>;
template class nlohmann::detail::lexer<nlohmann::json, plenary::json_instances::text_source>;
template class nlohmann::detail::lexer<nlohmann::json, plenary::json_instances::view_source>;
template class nlohmann::detail::parser<nlohmann::json, plenary::json_instances::text_source>;
template class nlohmann::detail::parser<nlohmann::json, plenary::json_instances::view_source>;
