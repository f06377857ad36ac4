#pragma once

#include "schema/result.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// The members of one JSON object while they are read: remembers which were known and the first error.
class json_fields {
public:
  /// `path` is the JSON path of `object`; both must outlive this.
  json_fields(const nlohmann::json& object, std::string path)
      : object_(object)
      , path_(std::move(path)) {}

  /// A string that must be there.
  std::string required_text(std::string_view name);
  /// One of `allowed`, else the first of them when the member is absent.
  std::string choice(std::string_view name, std::initializer_list<std::string_view> allowed);
  /// True or false; nothing when the member is absent or null.
  std::optional<bool> optional_boolean(std::string_view name);
  /// A string; nothing when the member is absent or null.
  std::optional<std::string> optional_text(std::string_view name);
  /// A number from `least` to `most`; nothing when the member is absent or null.
  std::optional<double> optional_number(std::string_view name, double least, double most);
  int integer(std::string_view name, int least, int most, int otherwise);

  /// Marks a member as known without reading it.
  void known(std::string_view name) { known_.emplace_back(name); }

  /// Notes an error about a member, unless there is one already.
  void reject(std::string_view name, std::string_view why);

  const std::optional<error>& failure() const { return failure_; }

  /// Adds the paths of members that nobody asked for.
  void add_unknown(std::vector<std::string>& paths) const;

private:
  const nlohmann::json* find(std::string_view name);

  const nlohmann::json& object_;
  std::string path_;
  std::vector<std::string> known_;
  std::optional<error> failure_;
};

} // namespace plenary
