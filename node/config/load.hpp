#pragma once

#include "node/config/configuration.hpp"
#include "node/config/problem.hpp"

#include <tl/expected.hpp>

#include <filesystem>
#include <map>
#include <string_view>

namespace plenary {

/// Either a configuration that is right in every respect, or everything that is wrong with it.
using load_result = tl::expected<configuration, std::vector<problem>>;

/// Line of each key that stands in the file, for example `did[2].number`.
using key_lines = std::map<std::string, int, std::less<>>;

/// A right configuration, and where in its file each key stands.
struct read_configuration {
  configuration config;
  key_lines lines;
};

/// Reads and checks a file and the files of secrets that it names.
load_result load_configuration(const std::filesystem::path& file);

/// The same, with the lines.
tl::expected<read_configuration, std::vector<problem>>
load_configuration_with_lines(const std::filesystem::path& file);

/// The same for a text; `file` stands in problems and is the start of relative paths.
load_result parse_configuration(std::string_view text, const std::filesystem::path& file);

/// Everything that is wrong between options that are right by themselves.
std::vector<problem> check_consistency(const configuration& config, const key_lines& lines);

/// The name nearest to a mistyped one, or nothing when none is near.
std::string nearest_name(std::string_view wrong, const std::vector<std::string_view>& names);

} // namespace plenary
