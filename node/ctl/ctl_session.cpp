#include "node/ctl/ctl_session.hpp"

#include "node/ctl/text_table.hpp"
#include "schema/json.hpp"

namespace plenary {

namespace {

using nlohmann::json;

/// Lists of calls are longer than what the parser takes from strangers.
constexpr json_limits generous{
    .max_bytes = std::size_t{16} * 1024 * 1024, .max_depth = 32, .max_members = 1000000};
constexpr int page_size = 500;

ctl_status status_of(int http_status) {
  switch (http_status) {
  case 404:
    return ctl_status::not_found;
  case 503:
  case 504:
    return ctl_status::try_again;
  default:
    return ctl_status::failed;
  }
}

tl::unexpected<ctl_trouble> trouble(ctl_status status, std::string message) {
  return tl::unexpected<ctl_trouble>(ctl_trouble{status, printable(std::move(message))});
}

tl::unexpected<ctl_trouble> refusal(const ctl_answer& answer, const json& document) {
  auto code = document.value("/error/code"_json_pointer, "");
  auto message = document.value("/error/message"_json_pointer, "");
  return trouble(status_of(answer.status), fmt::format("{} ({}{}{})", message.empty() ? "refused" : message,
                                                       answer.status, code.empty() ? "" : " ", code));
}

} // namespace

ctl_session::ctl_session(ctl_arguments arguments)
    : arguments_(std::move(arguments))
    , client_(arguments_.key, arguments_.timeout) {}

std::string ctl_session::url_of(const std::string& path) const {
  auto url = arguments_.url + path;
  bool of_a_customer = path.starts_with("/v1/rooms") || path.starts_with("/v1/calls");
  if (!arguments_.customer.empty() && of_a_customer)
    url += fmt::format("{}customer_id={}", path.find('?') == std::string::npos ? '?' : '&',
                       percent_encoded(arguments_.customer));
  return url;
}

ctl_result ctl_session::ask(const std::string& method, const std::string& path) const {
  auto answer = client_.call(method, url_of(path));
  if (!answer)
    return trouble(ctl_status::no_answer, answer.error().message);
  auto document = parse_json(answer->body, generous);
  if (answer->status < 200 || answer->status > 299)
    return refusal(*answer, document && document->is_object() ? *document : json::object());
  if (!document || !document->is_object())
    return trouble(ctl_status::failed, "the answer is no JSON object: is this a node of Plenary?");
  return std::move(*document);
}

ctl_result ctl_session::ask_all(const std::string& path, const std::string& list) const {
  auto entries = json::array();
  json whole;
  std::string after;
  do {
    auto part = ask("GET", fmt::format("{}?limit={}{}{}", path, page_size,
                                       after.empty() ? "" : "&after=", percent_encoded(after)));
    if (!part)
      return part;
    for (auto& entry : part->at(list))
      entries.push_back(std::move(entry));
    auto next = part->value("next", json{});
    after = next.is_string() ? next.get<std::string>() : std::string{};
    whole = std::move(*part);
  } while (!after.empty());
  whole[list] = std::move(entries);
  whole.erase("next");
  return whole;
}

std::string room_path(const std::string& name) {
  return "/v1/rooms/" + percent_encoded(name);
}

std::string call_path(const std::string& id) {
  return "/v1/calls/" + percent_encoded(id);
}

std::string node_path(const std::string& name) {
  return "/v1/nodes/" + percent_encoded(name);
}

} // namespace plenary
