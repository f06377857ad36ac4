#include "node/program.hpp"

#include "node/check_configuration.hpp"
#include "node/config/load.hpp"
#include "node/config/print.hpp"
#include "node/http/api_codes.hpp"
#include "node/log/json_logger.hpp"
#include "node/node.hpp"
#include "node/process.hpp"
#include "node/reloader.hpp"
#include "node/signals.hpp"

#include <fmt/core.h>

#include <utility>

namespace plenary {

namespace {

constexpr int success = 0;
constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

/// Loads a file; tells every problem and gives nothing when there is one.
std::optional<read_configuration> load(const std::filesystem::path& file) {
  auto loaded = load_configuration_with_lines(file);
  if (loaded)
    return std::move(*loaded);
  for (const auto& trouble : loaded.error())
    fmt::print(stderr, "{}\n", to_string(trouble));
  return std::nullopt;
}

/// Says on standard error what is worth a second look, too.
int check(const std::filesystem::path& file) {
  auto read = load(file);
  if (!read)
    return wrong_usage;
  for (const auto& each : second_looks(read->config, file))
    fmt::print(stderr, "warning: {}\n", to_string(each));
  fmt::print("ok: {}\n", counts_of(read->config));
  return success;
}

/// Until the node has left, or the operator has asked a second time.
void serve(node& running, reloader& configured, signals& asked, logger& log) {
  bool told = false;
  while (!running.has_left()) {
    configured.look(std::chrono::steady_clock::now());
    switch (asked.next(std::chrono::milliseconds{200})) {
    case wish::none:
      break;
    case wish::leave:
      if (std::exchange(told, true))
        return; // told a second time: no more patience
      running.leave();
      break;
    case wish::reload:
      configured.reload();
      break;
    case wish::other:
      log.warning("signal_ignored", {{"signal", asked.latest()}});
      break;
    }
  }
}

int run_node(read_configuration read, const std::filesystem::path& file) {
  signals asked;
  json_logger log{read.config.node.log};
  prepare_process(log);
  auto started = node::start(read.config, log);
  if (!started) {
    log.error("cannot_start",
              {{"code", to_string(started.error().code)}, {"reason", started.error().message}});
    return cannot_start;
  }
  reloader configured{**started, std::move(read), file, log};
  serve(**started, configured, asked, log);
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
  auto read = load(file);
  if (read)
    fmt::print("{}", print_configuration(read->config));
  return read ? success : wrong_usage;
}

} // namespace

int run_program(const command_line& what) {
  if (const auto* run = std::get_if<command::run>(&what)) {
    auto read = load(run->config);
    return read ? run_node(std::move(*read), run->config) : wrong_usage;
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

} // namespace plenary
