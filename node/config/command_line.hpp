#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <variant>

namespace plenary::command {

/// Start the node.
struct run {
  std::filesystem::path config;
};

/// Load the file, report every problem, do nothing else.
struct check {
  std::filesystem::path config;
};

/// Print the configuration that would run, secrets as `***`; without a file: the example.
struct print {
  std::filesystem::path config; ///< may be empty
};

/// Print every code that is told: docs/codes.md.
struct codes {};

struct version {};

struct help {};

/// The command line itself is wrong.
struct usage_error {
  std::string message;
};

} // namespace plenary::command

namespace plenary {

/// What the operator asked for.
using command_line = std::variant<command::run, command::check, command::print, command::codes,
                                  command::version, command::help, command::usage_error>;

/// Reads the arguments, the program's name in front included.
command_line parse_command_line(std::span<const char* const> arguments);

/// The text of `--help`, with every configuration option.
std::string help_text();

/// The text of `--version`.
std::string version_text();

} // namespace plenary
