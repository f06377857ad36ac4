#include "tests/support/child_process.hpp"

#include "schema/result.hpp"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string_view>

namespace plenary::test {

namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> found;
  for (auto& text : texts)
    found.push_back(text.data());
  found.push_back(nullptr);
  return found;
}

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& additions) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!additions.contains(std::string(text.substr(0, text.find('=')))))
      merged.emplace_back(text);
  }
  for (const auto& [name, value] : additions)
    merged.push_back(name + "=" + value);
  return merged;
}

std::array<int, 2> open_pipe() {
  std::array<int, 2> ends{};
  PLENARY_ASSERT(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return ends;
}

/// Runs in the forked child: only calls that are safe between fork and exec.
[[noreturn]] void become(char** arguments, char** environment, const char* directory, int input, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (*directory == '\0' || ::chdir(directory) == 0)
    ::execvpe(arguments[0], arguments, environment);
  ::_exit(127);
}

} // namespace

child_process::child_process(child_process_options options) {
  auto environment = merged_environment(options.environment);
  const auto argument_pointers = pointers(options.arguments);
  const auto environment_pointers = pointers(environment);
  const auto directory = options.directory.string();
  const auto output = open_pipe();
  const auto input = open_pipe();
  PLENARY_ASSERT(::write(input[1], options.input.data(), options.input.size()) ==
                 static_cast<ssize_t>(options.input.size()));
  ::close(input[1]);
  pid_ = ::fork();
  PLENARY_ASSERT(pid_ >= 0);
  if (pid_ == 0 && options.network_namespace >= 0 && ::setns(options.network_namespace, CLONE_NEWNET) != 0)
    ::_exit(127);
  if (pid_ == 0)
    become(const_cast<char**>(argument_pointers.data()), const_cast<char**>(environment_pointers.data()),
           directory.c_str(), input[0], output[1]);
  ::close(input[0]);
  ::close(output[1]);
  output_ = output[0];
  reader_ = std::thread([this] { read_output(); });
  waiter_ = std::thread([this] { wait_for_end(); });
}

child_process::~child_process() {
  signal(SIGKILL);
  waiter_.join();
  reader_.join();
  ::close(output_);
}

void child_process::read_output() {
  std::array<char, 4096> buffer{};
  std::string line;
  for (;;) {
    const auto count = ::read(output_, buffer.data(), buffer.size());
    if (count <= 0)
      break;
    const std::lock_guard lock(mutex_);
    for (const char c : std::string_view(buffer.data(), static_cast<std::size_t>(count))) {
      if (c == '\n')
        lines_.push_back(std::exchange(line, {}));
      else
        line.push_back(c);
    }
    changed_.notify_all();
  }
  const std::lock_guard lock(mutex_);
  if (!line.empty())
    lines_.push_back(line);
  output_ended_ = true;
  changed_.notify_all();
}

void child_process::wait_for_end() {
  siginfo_t ignored{};
  ::waitid(P_PID, static_cast<id_t>(pid_), &ignored, WEXITED | WNOWAIT);
  // Reaped under the lock, so that `signal` can never hit a reused process id.
  const std::lock_guard lock(mutex_);
  int status = 0;
  ::wait4(pid_, &status, 0, &usage_);
  exit_status_ = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  changed_.notify_all();
}

std::optional<std::string> child_process::wait_for_line(const line_predicate& matches,
                                                        std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  std::optional<std::string> found;
  std::size_t next = 0;
  changed_.wait_for(lock, timeout, [&] {
    for (; next < lines_.size() && !found; ++next)
      if (matches(lines_[next]))
        found = lines_[next];
    return found.has_value() || output_ended_;
  });
  return found;
}

std::optional<std::string> child_process::wait_for_text(std::string_view text,
                                                        std::chrono::milliseconds timeout) {
  return wait_for_line([&](const std::string& line) { return line.find(text) != std::string::npos; },
                       timeout);
}

std::vector<std::string> child_process::lines() const {
  const std::lock_guard lock(mutex_);
  return lines_;
}

std::string child_process::output() const {
  std::string all;
  for (const auto& line : lines())
    all += line + "\n";
  return all;
}

void child_process::signal(int number) {
  const std::lock_guard lock(mutex_);
  if (!exit_status_)
    ::kill(pid_, number);
}

std::optional<int> child_process::wait_for_exit(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  // What it has said must be there to read: the end of its output may be seen after its own.
  changed_.wait_for(lock, timeout, [&] { return exit_status_.has_value() && output_ended_; });
  return exit_status_;
}

rusage child_process::usage() const {
  const std::lock_guard lock(mutex_);
  return usage_;
}

} // namespace plenary::test
