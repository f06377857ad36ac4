#include "node/config/command_line.hpp"
#include "node/config/load.hpp"
#include "node/config/print.hpp"
#include "node/config/warnings.hpp"
#include "node/http/api_codes.hpp"
#include "node/log/json_logger.hpp"
#include "node/node.hpp"
#include "node/process.hpp"
#include "node/signals.hpp"

#include <fmt/core.h>

#include <utility>

namespace plenary {

namespace {

constexpr int success = 0;
constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

/// Loads a file; tells every problem and gives nothing when there is one.
std::optional<configuration> load(const std::filesystem::path& file) {
  auto loaded = load_configuration(file);
  if (loaded)
    return std::move(*loaded);
  for (const auto& trouble : loaded.error())
    fmt::print(stderr, "{}\n", to_string(trouble));
  return std::nullopt;
}

/// Says on standard error what is worth a second look, too.
int check(const std::filesystem::path& file) {
  auto config = load(file);
  if (!config)
    return wrong_usage;
  for (const auto& each : warnings_of(*config, file))
    fmt::print(stderr, "warning: {}\n", to_string(each));
  return success;
}

/// SIGHUP: the file is read again; one with a mistake changes nothing.
void reload(node& running, const std::filesystem::path& file, logger& log) {
  auto loaded = load_configuration(file);
  if (loaded)
    return running.reload(*loaded);
  const auto first = to_string(loaded.error().front());
  log.error("reload_failed", {{"problem", first},
                              {"problems", static_cast<std::int64_t>(loaded.error().size())},
                              {"hint", "the node goes on as it was"}});
}

/// Until the node has left, or the operator has asked a second time.
void serve(node& running, signals& asked, const std::filesystem::path& file, logger& log) {
  bool told = false;
  while (!running.has_left()) {
    switch (asked.next(std::chrono::milliseconds{200})) {
    case wish::none:
      break;
    case wish::leave:
      if (std::exchange(told, true))
        return; // told a second time: no more patience
      running.leave();
      break;
    case wish::reload:
      reload(running, file, log);
      break;
    case wish::other:
      log.warning("signal_ignored", {{"signal", asked.latest()}});
      break;
    }
  }
}

int run_node(configuration config, const std::filesystem::path& file) {
  signals asked;
  json_logger log{config.node.log};
  prepare_process(log);
  auto started = node::start(std::move(config), log);
  if (!started) {
    log.error("cannot_start",
              {{"code", to_string(started.error().code)}, {"reason", started.error().message}});
    return cannot_start;
  }
  serve(**started, asked, file, log);
  (*started)->drain();
  started->reset();
  log.info("stopped");
  return success;
}

int print(const std::filesystem::path& file) {
  if (file.empty()) {
    fmt::print("{}", example_configuration());
    return success;
  }
  auto config = load(file);
  if (config)
    fmt::print("{}", print_configuration(*config));
  return config ? success : wrong_usage;
}

int carry_out(const command_line& what) {
  if (const auto* run = std::get_if<command::run>(&what)) {
    auto config = load(run->config);
    return config ? run_node(std::move(*config), run->config) : wrong_usage;
  }
  if (const auto* checked = std::get_if<command::check>(&what))
    return check(checked->config);
  if (const auto* shown = std::get_if<command::print>(&what))
    return print(shown->config);
  if (const auto* wrong = std::get_if<command::usage_error>(&what)) {
    fmt::print(stderr, "plenaryd: {}\n", wrong->message);
    return wrong_usage;
  }
  if (std::holds_alternative<command::codes>(what)) {
    fmt::print("{}", codes_document());
    return success;
  }
  fmt::print("{}", std::holds_alternative<command::version>(what) ? version_text() : help_text());
  return success;
}

} // namespace

} // namespace plenary

int main(int argc, char** argv) {
  return plenary::carry_out(
      plenary::parse_command_line(std::span<const char* const>(argv, static_cast<std::size_t>(argc))));
}
