#pragma once

#include "node/config/load.hpp"
#include "node/file_watch.hpp"
#include "node/log/json_logger.hpp"

#include <chrono>
#include <filesystem>

namespace plenary {

class node;

/// Makes a running node follow its configuration: the whole file when it is told to, certificates by
/// themselves. Each attempt is one line of the log: `config_reloaded` with what changed, or `config_refused`
/// with file, line and key; then the node goes on as it was.
class reloader {
public:
  /// The node was started with `current`, which came from `file`; what is referred to outlives it.
  reloader(node& running, read_configuration current, std::filesystem::path file, json_logger& log);

  /// SIGHUP.
  void reload();

  /// Looks at the files of certificates; does nothing within a second of the last look.
  void look(std::chrono::steady_clock::time_point now);

private:
  void take(read_configuration next, std::string_view cause);
  void refuse(const problem& why, std::size_t problems, std::string_view cause);

  node& running_;
  read_configuration current_;
  std::filesystem::path file_;
  json_logger& log_;
  file_watch certificates_;
  std::chrono::steady_clock::time_point next_look_{};
};

} // namespace plenary
