#include "node/config/command_line.hpp"
#include "node/config/load.hpp"
#include "node/config/print.hpp"
#include "node/log/json_logger.hpp"
#include "node/node.hpp"

#include <fmt/core.h>

#include <csignal>
#include <ctime>
#include <utility>

namespace plenary {

namespace {

constexpr int success = 0;
constexpr int cannot_start = 1;
constexpr int wrong_usage = 2;

/// Signals are taken by sigwait in the main thread; every other thread inherits the mask.
sigset_t block_signals() {
  sigset_t ending;
  sigemptyset(&ending);
  sigaddset(&ending, SIGTERM);
  sigaddset(&ending, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ending, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  return ending;
}

/// Loads a file; tells every problem and gives nothing when there is one.
std::optional<configuration> load(const std::filesystem::path& file) {
  auto loaded = load_configuration(file);
  if (loaded)
    return std::move(*loaded);
  for (const auto& trouble : loaded.error())
    fmt::print(stderr, "{}\n", to_string(trouble));
  return std::nullopt;
}

int run_node(configuration config) {
  auto ending = block_signals();
  json_logger log{config.node.log};
  auto started = node::start(std::move(config), log);
  if (!started) {
    log.error("cannot_start",
              {{"code", to_string(started.error().code)}, {"reason", started.error().message}});
    return cannot_start;
  }
  bool told = false;
  constexpr timespec pause{0, 200'000'000};
  while (!(*started)->has_left()) {
    if (sigtimedwait(&ending, nullptr, &pause) < 0)
      continue;
    if (std::exchange(told, true))
      break; // told a second time: no more patience
    (*started)->leave();
  }
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
    return config ? run_node(std::move(*config)) : wrong_usage;
  }
  if (const auto* check = std::get_if<command::check>(&what))
    return load(check->config) ? success : wrong_usage;
  if (const auto* shown = std::get_if<command::print>(&what))
    return print(shown->config);
  if (const auto* wrong = std::get_if<command::usage_error>(&what)) {
    fmt::print(stderr, "plenaryd: {}\n", wrong->message);
    return wrong_usage;
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
