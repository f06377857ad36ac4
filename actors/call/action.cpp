#include "actors/call/action.hpp"

#include "actors/call/web_url.hpp"
#include "schema/foreign_text.hpp"
#include "schema/ids.hpp"
#include "schema/json.hpp"
#include "schema/json_fields.hpp"
#include "schema/participation_fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace plenary::flow {

namespace {

constexpr std::size_t max_shown_action = 64;

/// Known to the public call-flow API, not built yet; named apart so that the error can say so.
constexpr std::array<std::string_view, 13> planned_actions{
    "say",  "gather", "send_digits",     "transfer",       "bridge",       "hold",       "resume",
    "mute", "unmute", "start_recording", "stop_recording", "start_stream", "stop_stream"};

action read_conference(json_fields& fields) {
  conference read;
  read.room = fields.required_text("room");
  if (!is_room_name(read.room))
    fields.reject("room", "must be 1 to 128 of A-Z a-z 0-9 . - _");
  apply(read_participation(fields, false), read.how);
  read.how.noise_suppression = fields.optional_boolean("noise_suppression");
  return read;
}

action read_redirect(json_fields& fields) {
  redirect read;
  read.url = fields.required_text("url");
  if (!is_web_url(read.url))
    fields.reject("url", "must be an http or https URL of at most 2048 ASCII characters");
  read.method = fields.choice("method", {"GET", "POST"});
  read.max_redirects = fields.integer("max_redirects", 0, 20, redirect{}.max_redirects);
  return read;
}

struct action_kind {
  std::string_view name;
  action (*read)(json_fields&);
};

/// Every action that runs. A new one is a row here, a struct in the header and a case in the interpreter.
constexpr std::array<action_kind, 2> kinds{{{"conference", read_conference}, {"redirect", read_redirect}}};

const action_kind* find_kind(std::string_view name) {
  auto found =
      std::find_if(kinds.begin(), kinds.end(), [name](const auto& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

bool is_planned(std::string_view name) {
  return std::find(planned_actions.begin(), planned_actions.end(), name) != planned_actions.end();
}

tl::unexpected<error> malformed(const std::string& path, std::string_view why) {
  return fail(errc::malformed, fmt::format("{}: {}", path, why));
}

/// The name and the fields of one element, whichever encoding it uses.
struct encoded_action {
  std::string name;
  const nlohmann::json* fields;
  bool typed;
};

/// The members of `element` that are named like an action; null is as good as absent.
std::vector<std::string> action_keys(const nlohmann::json& element) {
  std::vector<std::string> names;
  for (const auto& [name, value] : element.items())
    if (!value.is_null() && (find_kind(name) || is_planned(name)))
      names.push_back(name);
  return names;
}

result<encoded_action> decode_typed(const nlohmann::json& element, const std::string& path) {
  const auto& type = element["type"];
  if (!type.is_string())
    return malformed(path + ".type", "must be a string");
  for (const auto& name : action_keys(element))
    if (element[name].is_object()) // `mute` is also a member of a typed conference
      return malformed(path, fmt::format("has both \"type\" and \"{}\"", name));
  return encoded_action{type.get<std::string>(), &element, true};
}

result<encoded_action> decode_keyed(const nlohmann::json& element, const std::string& path) {
  const auto names = action_keys(element);
  if (names.size() > 1)
    return malformed(path, fmt::format("names two actions, \"{}\" and \"{}\"", names[0], names[1]));
  if (names.empty() && element.size() != 1)
    return malformed(path, "must name one action, by \"type\" or by a key");
  const auto name = names.empty() ? element.begin().key() : names.front();
  return encoded_action{name, &element[name], false};
}

result<encoded_action> decode(const nlohmann::json& element, const std::string& path) {
  if (!element.is_object())
    return malformed(path, "must be an object");
  const bool typed = element.contains("type") && !element["type"].is_null();
  return typed ? decode_typed(element, path) : decode_keyed(element, path);
}

/// A keyed element holds nothing but its action: what stands beside it is ignored and told.
void add_siblings(const nlohmann::json& element, const std::string& path, const std::string& name,
                  std::vector<std::string>& ignored) {
  json_fields outer{element, path};
  outer.known(name);
  outer.add_unknown(ignored);
}

result<action> read_action(const nlohmann::json& element, const std::string& path,
                           std::vector<std::string>& ignored) {
  auto encoded = decode(element, path);
  if (!encoded)
    return tl::unexpected(encoded.error());
  const auto* kind = find_kind(encoded->name);
  if (!kind)
    return fail(errc::unsupported_action,
                fmt::format("{}: action \"{}\" is {}", path,
                            cut_foreign_text(encoded->name, max_shown_action),
                            is_planned(encoded->name) ? "not supported yet" : "unknown"));
  const auto fields_path = encoded->typed ? path : path + "." + encoded->name;
  if (!encoded->fields->is_object())
    return malformed(fields_path, "must be an object");
  json_fields fields{*encoded->fields, fields_path};
  if (encoded->typed)
    fields.known("type");
  else
    add_siblings(element, path, encoded->name, ignored);
  auto read = kind->read(fields);
  if (fields.failure())
    return tl::unexpected(*fields.failure());
  fields.add_unknown(ignored);
  return read;
}

result<document> read_list(const nlohmann::json& list, document read) {
  if (!list.is_array())
    return malformed("actions", "must be an array");
  if (list.size() > max_actions)
    return fail(errc::limit_reached,
                fmt::format("actions: has {} elements, the limit is {}", list.size(), max_actions));
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto next = read_action(list[i], fmt::format("actions[{}]", i), read.ignored_members);
    if (!next)
      return tl::unexpected(next.error());
    read.actions.push_back(std::move(*next));
  }
  return read;
}

result<document> read_object(const nlohmann::json& root) {
  if (!root.is_object())
    return malformed("$", "must be an object");
  if (!root.contains("actions"))
    return malformed("actions", "is required");
  document read;
  json_fields fields{root, "$"};
  fields.known("actions");
  fields.add_unknown(read.ignored_members);
  return read_list(root["actions"], std::move(read));
}

/// The document, or an error whose sentence says what is no document: the answer, or the option.
result<nlohmann::json> read_json(std::string_view text, std::string_view what) {
  return parse_json(text, {.max_bytes = max_document_bytes, .max_depth = 32}).map_error([what](error why) {
    return error{why.code, why.message.starts_with("no ") ? fmt::format("{} is {}", what, why.message)
                                                          : fmt::format("{}: {}", what, why.message)};
  });
}

} // namespace

result<document> parse_document(std::string_view text) {
  auto root = read_json(text, "answer");
  if (!root)
    return tl::unexpected(root.error());
  return read_object(*root);
}

result<document> parse_inline_actions(std::string_view text) {
  auto root = read_json(text, "fallback_actions");
  if (!root)
    return tl::unexpected(root.error());
  return root->is_array() ? read_list(*root, {}) : read_object(*root);
}

} // namespace plenary::flow
