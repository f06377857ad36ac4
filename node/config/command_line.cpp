#include "node/config/command_line.hpp"

#include "node/config/load.hpp"
#include "node/config/print.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>
#include <vector>

namespace plenary {

namespace {

constexpr std::string_view config_flag = "--config";

std::string unknown_argument(std::string_view argument) {
  static const std::vector<std::string_view> known{config_flag,     "--check-config", "--print-config",
                                                   "--print-codes", "--version",      "--help"};
  const auto nearest = nearest_name(argument.substr(0, argument.find('=')), known);
  return fmt::format("unknown argument \"{}\"{}", argument,
                     nearest.empty() ? std::string{} : fmt::format(": did you mean \"{}\"?", nearest));
}

/// Collects flags in any order; the last step decides which command they make.
class argument_reader {
public:
  explicit argument_reader(std::span<const char* const> arguments)
      : rest_(arguments.empty() ? arguments : arguments.subspan(1)) {}

  command_line read() {
    while (!rest_.empty())
      if (auto wrong = take(next()))
        return command::usage_error{*wrong};
    return decide();
  }

private:
  std::string_view next() {
    std::string_view argument = rest_.front();
    rest_ = rest_.subspan(1);
    return argument;
  }

  std::optional<std::string> take(std::string_view argument) {
    if (argument == config_flag)
      return rest_.empty() ? "--config needs a file" : set_config(next());
    if (argument.starts_with("--config="))
      return set_config(argument.substr(config_flag.size() + 1));
    if (argument == "--check-config")
      return set_mode(command::check{});
    if (argument == "--print-config")
      return set_mode(command::print{});
    if (argument == "--print-codes")
      return set_mode(command::codes{});
    if (argument == "--version")
      return set_mode(command::version{});
    if (argument == "--help" || argument == "-h")
      return set_mode(command::help{});
    return unknown_argument(argument);
  }

  std::optional<std::string> set_config(std::string_view file) {
    if (file.empty())
      return "--config needs a file";
    if (!config_.empty())
      return "--config stands twice";
    config_ = file;
    return std::nullopt;
  }

  std::optional<std::string> set_mode(command_line mode) {
    if (mode_ && mode_->index() != mode.index())
      return "only one of --check-config, --print-config, --print-codes, --version and --help can be used";
    mode_ = std::move(mode);
    return std::nullopt;
  }

  command_line decide() const {
    if (!mode_ || std::holds_alternative<command::check>(*mode_)) {
      if (config_.empty())
        return command::usage_error{"--config FILE is missing"};
      return mode_ ? command_line{command::check{config_}} : command_line{command::run{config_}};
    }
    if (std::holds_alternative<command::print>(*mode_))
      return command::print{config_};
    return *mode_;
  }

  std::span<const char* const> rest_;
  std::filesystem::path config_;
  std::optional<command_line> mode_;
};

} // namespace

command_line parse_command_line(std::span<const char* const> arguments) {
  return argument_reader{arguments}.read();
}

std::string help_text() {
  return "usage: plenaryd --config FILE [--check-config | --print-config]\n"
         "       plenaryd --print-config | --print-codes | --version | --help\n\n"
         "  --config FILE     configuration (TOML)\n"
         "  --check-config    report every problem of the file and exit\n"
         "  --print-config    print the configuration, secrets as ***; without --config: the commented "
         "example\n"
         "  --print-codes     print every error code, hang-up cause and status that is told\n"
         "  --version         print the version\n"
         "  --help            print this text\n\n"
         "Exit status: 0 done, 2 the command line or the configuration is wrong.\n\n"
         "Options of the file [default]:\n" +
         option_overview();
}

std::string version_text() {
  return "plenaryd " PLENARY_VERSION "\n";
}

} // namespace plenary
