#pragma once

#include "schema/participation.hpp"
#include "schema/result.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace plenary::flow {

/// Bytes of a document at most; more fails with `limit_reached`.
inline constexpr std::size_t max_document_bytes = 64 * 1024;

/// Actions of one document at most; more fails with `limit_reached`.
inline constexpr std::size_t max_actions = 100;

/// `conference`: the caller joins a room and stays until it leaves it.
struct conference {
  std::string room; ///< 1 to 128 of `A-Z a-z 0-9 . - _`
  participation how{};

  friend bool operator==(const conference&, const conference&) = default;
};

/// `redirect`: the list is replaced by the one that the URL answers with.
struct redirect {
  std::string url;            ///< http or https
  std::string method = "GET"; ///< `GET` or `POST`
  int max_redirects = 10;     ///< redirects of this call until now at most, this one included; 0 to 20

  friend bool operator==(const redirect&, const redirect&) = default;
};

/// One step of a flow.
using action = std::variant<conference, redirect>;

/// A step that the call carries out; the others are the flow's own.
using call_action = std::variant<conference>;

/// A document that passed every check.
struct document {
  std::vector<action> actions;              ///< may be empty: hang up
  std::vector<std::string> ignored_members; ///< JSON paths of members that no action knows
};

/// Reads `{"actions":[...]}`, each action typed (`{"type":"conference",...}`) or keyed
/// (`{"conference":{...}}`). Everything is checked before anything runs; the error's sentence starts with the
/// JSON path. Fails with `malformed`, `limit_reached`, or `unsupported_action` for an action that is unknown
/// or not built.
result<document> parse_document(std::string_view text);

/// Like parse_document(), but takes a bare list too: the form of the configuration's `fallback_actions`.
result<document> parse_inline_actions(std::string_view text);

} // namespace plenary::flow
