#include "tests/support/postgres_server.hpp"

#include "schema/result.hpp"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <vector>

namespace plenary::test {

namespace {

using namespace std::chrono_literals;

constexpr auto patience = 60s;

/// Debian keeps each version's programs in a folder of its own; the newest serves.
std::string program(const std::string& name) {
  std::vector<std::string> found;
  for (const auto& version : std::filesystem::directory_iterator{"/usr/lib/postgresql"})
    found.push_back((version.path() / "bin" / name).string());
  PLENARY_ASSERT(!found.empty());
  return *std::max_element(found.begin(), found.end());
}

/// PostgreSQL refuses to run as root.
std::vector<std::string> unprivileged(std::vector<std::string> command) {
  if (::geteuid() != 0)
    return command;
  std::vector<std::string> whole{"setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

std::string run(std::vector<std::string> command, const std::filesystem::path& directory) {
  child_process process{
      {.arguments = std::move(command), .environment = {}, .directory = directory, .input = ""}};
  process.wait_for_line([](const std::string&) { return false; }, patience); // all that it has to say
  auto status = process.wait_for_exit(patience);
  if (status != 0)
    fmt::print(stderr, "{}\n", process.output());
  PLENARY_ASSERT(status == 0);
  return process.output();
}

} // namespace

postgres_server::postgres_server()
    : data_((directory_.path() / "data").string()) {
  if (::geteuid() == 0) {
    const auto* owner = ::getpwnam("postgres");
    PLENARY_ASSERT(owner != nullptr);
    PLENARY_ASSERT(::chown(directory_.path().c_str(), owner->pw_uid, owner->pw_gid) == 0);
  }
  run(unprivileged({program("initdb"), "-D", data_, "-U", "postgres", "-A", "trust", "-E", "UTF8",
                    "--no-locale", "--no-sync"}),
      directory_.path());
  start();
}

void postgres_server::start() {
  auto command = unprivileged({program("postgres"), "-D", data_, "-k", directory_.path().string(), "-c",
                               "listen_addresses=", "-c", "fsync=off", "-c", "max_connections=40"});
  process_ = std::make_unique<child_process>(child_process_options{
      .arguments = std::move(command), .environment = {}, .directory = directory_.path(), .input = ""});
  auto ready = process_->wait_for_text("ready to accept connections", patience);
  if (!ready)
    fmt::print(stderr, "{}\n", process_->output());
  PLENARY_ASSERT(ready.has_value());
}

void postgres_server::kill() {
  process_->signal(SIGQUIT); // immediate shutdown
  PLENARY_ASSERT(process_->wait_for_exit(patience).has_value());
}

std::string postgres_server::make_database() {
  auto name = fmt::format("test{}", ++databases_);
  run({program("psql"), "-q", "-d", url("postgres"), "-c", "CREATE DATABASE " + name}, directory_.path());
  return url(name);
}

std::string postgres_server::ask(const std::string& database_url, const std::string& statement) const {
  auto rows = run({program("psql"), "-qAt", "-d", database_url, "-c", statement}, directory_.path());
  return rows.substr(0, rows.find_last_not_of('\n') + 1);
}

std::string postgres_server::url(const std::string& database) const {
  return fmt::format("postgresql:///{}?host={}&user=postgres", database, directory_.path().string());
}

} // namespace plenary::test
