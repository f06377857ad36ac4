#include "node/http/api_codes.hpp"

namespace plenary {

namespace {

constexpr std::array code_table{
    api_code_row{api_code::invalid_request,
                 "invalid_request",
                 {400, 417},
                 "The request or one of its fields breaks a rule, which `message` names."},
    api_code_row{api_code::unauthorized, "unauthorized", {401, 0}, "There is no valid Bearer key."},
    api_code_row{api_code::forbidden, "forbidden", {403, 0}, "The key may not do that."},
    api_code_row{api_code::not_found, "not_found", {404, 0}, "The path is none of the API's."},
    api_code_row{
        api_code::call_not_found, "call_not_found", {404, 0}, "The customer has no call of that id."},
    api_code_row{
        api_code::room_not_found, "room_not_found", {404, 0}, "The customer has no room of that name now."},
    api_code_row{
        api_code::participant_not_found, "participant_not_found", {404, 0}, "That call is not in the room."},
    api_code_row{api_code::node_not_found, "node_not_found", {404, 0}, "There is no node of that name now."},
    api_code_row{api_code::method_not_allowed,
                 "method_not_allowed",
                 {405, 0},
                 "The path has other methods: `Allow` names them."},
    api_code_row{
        api_code::timeout, "timeout", {408, 504}, "The request (408) or its answer (504) took too long."},
    api_code_row{api_code::limit_reached,
                 "limit_reached",
                 {409, 0},
                 "The room gives that to a limited number of participants, which `message` names."},
    api_code_row{api_code::body_too_large, "body_too_large", {413, 0}, "The body has more than 64 KiB."},
    api_code_row{api_code::header_too_large,
                 "header_too_large",
                 {431, 0},
                 "The header has more than 8 KiB or 100 lines."},
    api_code_row{api_code::too_many_requests,
                 "too_many_requests",
                 {429, 0},
                 "Of this address, of this application, or too many wrong keys: after `Retry-After`."},
    api_code_row{api_code::too_many_connections,
                 "too_many_connections",
                 {429, 0},
                 "This address has too many connections: after `Retry-After`."},
    api_code_row{api_code::internal, "internal", {500, 0}, "The node failed; its log says more."},
    api_code_row{api_code::unsupported,
                 "unsupported",
                 {501, 505},
                 "A transfer coding other than `chunked`, a version that is not HTTP/1.0 or 1.1, or what the "
                 "older version of the object's node does not know."},
    api_code_row{
        api_code::moving, "moving", {503, 0}, "The object is between two nodes: after `Retry-After`."},
    api_code_row{api_code::unavailable,
                 "unavailable",
                 {503, 0},
                 "The object's node cannot be reached or cannot answer: after `Retry-After`."},
};

} // namespace

std::span<const api_code_row> api_code_rows() {
  return code_table;
}

std::string_view to_string(api_code code) {
  return code_table[static_cast<std::size_t>(code)].name;
}

bool comes_with(api_code code, int status) {
  const auto& statuses = code_table[static_cast<std::size_t>(code)].statuses;
  return status != 0 && (statuses[0] == status || statuses[1] == status);
}

} // namespace plenary
