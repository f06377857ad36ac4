#pragma once

#include <sys/resource.h>
#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace plenary::test {

/// What to run; `arguments[0]` is the program (a path, or a name to look up in PATH).
struct child_process_options {
  std::vector<std::string> arguments;
  std::map<std::string, std::string> environment; ///< added to, or replacing parts of, the own one
  std::filesystem::path directory;                ///< empty: the current one
  std::string input;                              ///< given on standard input, at most 64 KiB
  int network_namespace = -1;                     ///< descriptor of the network to live in; -1: the caller's
};

/// A program that runs beside the test; killed by its process id, and reaped, when the object dies.
class child_process {
public:
  using line_predicate = std::function<bool(const std::string&)>;

  explicit child_process(child_process_options options);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  /// The first line on stdout or stderr, from the start, that `matches`; nothing when the deadline passes
  /// or the output ends first.
  std::optional<std::string> wait_for_line(const line_predicate& matches, std::chrono::milliseconds timeout);

  /// As above, for a line that contains this text.
  std::optional<std::string> wait_for_text(std::string_view text, std::chrono::milliseconds timeout);

  /// Everything written so far, one string a line.
  std::vector<std::string> lines() const;

  /// Everything written so far, for failure messages.
  std::string output() const;

  /// Sends a signal unless the process has ended.
  void signal(int number);

  /// The exit status, or 128 + the signal that ended it; nothing when it still runs after `timeout`.
  std::optional<int> wait_for_exit(std::chrono::milliseconds timeout);

  /// Of the running process; -1 after its end.
  pid_t pid() const { return pid_; }

  /// CPU time and memory; meaningful after `wait_for_exit`.
  rusage usage() const;

private:
  void read_output();
  void wait_for_end();

  pid_t pid_ = -1;
  int output_ = -1;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  bool output_ended_ = false;
  std::optional<int> exit_status_;
  rusage usage_{};
  std::thread reader_;
  std::thread waiter_;
};

} // namespace plenary::test
