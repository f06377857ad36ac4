#include "node/ctl/ctl_session.hpp"

#include "node/ctl/text_table.hpp"
#include "node/ctl/views.hpp"
#include "schema/json.hpp"

#include <fmt/ranges.h>

#include <set>

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

bool is_of_a_customer(std::string_view path) {
  return path.starts_with("/v1/rooms") || path.starts_with("/v1/calls");
}

/// The room or the call that a path below it is about.
std::string object_of(const std::string& path) {
  auto end = path.find('/', std::string_view{"/v1/rooms/"}.size());
  return path.substr(0, end);
}

tl::unexpected<ctl_trouble> trouble(ctl_status status, std::string message) {
  return tl::unexpected<ctl_trouble>(ctl_trouble{status, printable(std::move(message))});
}

tl::unexpected<ctl_trouble> refusal(const ctl_answer& answer, const json& document) {
  auto code = document.value("/error/code"_json_pointer, "");
  auto message = document.value("/error/message"_json_pointer, "");
  auto refused =
      trouble(status_of(answer.status), fmt::format("{} ({}{}{})", message.empty() ? "refused" : message,
                                                    answer.status, code.empty() ? "" : " ", code));
  refused.value().http_status = answer.status;
  return refused;
}

} // namespace

ctl_session::ctl_session(ctl_arguments arguments)
    : arguments_(std::move(arguments))
    , client_(arguments_.key, arguments_.timeout) {}

std::string ctl_session::url_of(const std::string& path, const std::string& customer) const {
  auto url = arguments_.url + path;
  if (!customer.empty() && is_of_a_customer(path))
    url += fmt::format("{}customer_id={}", path.find('?') == std::string::npos ? '?' : '&',
                       percent_encoded(customer));
  return url;
}

/// The API's answer to the operator's key when nobody says whose objects are meant.
bool ctl_session::wants_a_customer(const ctl_trouble& why) const {
  constexpr int bad_request = 400;
  return why.http_status == bad_request && arguments_.customer.empty();
}

tl::expected<std::vector<std::string>, ctl_trouble> ctl_session::customers() const {
  auto document = ask_as("", "GET", "/v1/customers");
  if (!document)
    return tl::unexpected(document.error());
  std::vector<std::string> names;
  for (const auto& each : list_of(*document, "customers"))
    names.push_back(field_text(each, "id"));
  return names;
}

tl::expected<std::string, ctl_trouble> ctl_session::owner_of(const std::string& object) const {
  auto all = customers();
  if (!all)
    return tl::unexpected(all.error());
  std::vector<std::string> owners;
  ctl_trouble why{ctl_status::not_found, "no customer has it", 404};
  for (const auto& each : *all)
    if (auto found = ask_as(each, "GET", object))
      owners.push_back(each);
    else
      why = found.error();
  if (owners.empty())
    return tl::unexpected(why);
  if (owners.size() > 1)
    return tl::unexpected(
        ctl_trouble{ctl_status::wrong_usage,
                    printable(fmt::format("several customers have one of that name: say --customer {}",
                                          fmt::join(owners, " or ")))});
  return owners.front();
}

ctl_result ctl_session::ask(const std::string& method, const std::string& path) const {
  auto document = ask_as(arguments_.customer, method, path);
  if (document || !is_of_a_customer(path) || !wants_a_customer(document.error()))
    return document;
  auto owner = owner_of(object_of(path));
  if (!owner)
    return tl::unexpected(owner.error());
  return ask_as(*owner, method, path);
}

ctl_result ctl_session::ask_as(const std::string& customer, const std::string& method,
                               const std::string& path) const {
  auto answer = client_.call(method, url_of(path, customer));
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
  auto whole = ask_all_as(arguments_.customer, path, list);
  if (whole || !wants_a_customer(whole.error()))
    return whole;
  auto all = customers();
  if (!all)
    return tl::unexpected(all.error());
  json together{{list, json::array()}};
  std::set<json> silent;
  for (const auto& customer : *all) {
    auto part = ask_all_as(customer, path, list);
    if (!part)
      return part;
    for (auto& entry : part->at(list)) {
      entry["customer_id"] = customer;
      together[list].push_back(std::move(entry));
    }
    for (const auto& node : list_of(*part, "nodes_without_answer"))
      silent.insert(node);
  }
  together["nodes_without_answer"] = silent;
  return together;
}

ctl_result ctl_session::ask_all_as(const std::string& customer, const std::string& path,
                                   const std::string& list) const {
  auto entries = json::array();
  json whole;
  std::string after;
  do {
    auto part = ask_as(customer, "GET",
                       fmt::format("{}?limit={}{}{}", path, page_size,
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
