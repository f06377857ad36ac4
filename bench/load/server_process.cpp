#include "bench/load/server_process.hpp"

#include "bench/load/sip_message.hpp"
#include "bench/load/udp_socket.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <sstream>
#include <thread>

namespace plenary::load {

namespace {

using clock = std::chrono::steady_clock;
constexpr std::chrono::seconds start_deadline{15};
constexpr std::chrono::seconds stop_deadline{10};
constexpr std::chrono::milliseconds pause_between_looks{20};

/// True when `GET /readyz` gives 200.
bool is_ready(std::uint16_t port) {
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto address = make_address(INADDR_LOOPBACK, port);
  bool ready = false;
  if (connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
    constexpr std::string_view request =
        "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    send(connection, request.data(), request.size(), MSG_NOSIGNAL);
    std::array<char, 64> start{};
    const auto size = recv(connection, start.data(), start.size(), 0);
    ready = size > 12 && std::string_view(start.data() + 9, 3) == "200";
  }
  close(connection);
  return ready;
}

bool has_ended(pid_t pid, int& status) {
  return waitpid(pid, &status, WNOHANG) == pid;
}

} // namespace

std::string room_number(std::size_t room) {
  return fmt::format("+1555{:07}", room);
}

bool pin_to_core(int core) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(core, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

result<std::unique_ptr<server_process>> server_process::start(const server_setup& setup) {
  std::unique_ptr<server_process> made(new server_process);
  const auto sip = find_free_port();
  const auto http = find_free_port();
  if (!sip || !http)
    return tl::unexpected((sip ? http : sip).error());
  made->sip_port_ = *sip;
  made->http_port_ = *http;
  auto path = (std::filesystem::temp_directory_path() / "plenary_load.XXXXXX").string();
  if (!mkdtemp(path.data()))
    return fail(errc::internal, fmt::format("{}: {}", path, std::strerror(errno)));
  made->folder_ = path;
  if (auto written = made->write_config(setup); !written)
    return tl::unexpected(written.error());
  if (auto launched = made->launch(setup.program); !launched)
    return tl::unexpected(launched.error());
  if (auto ready = made->wait_until_ready(); !ready)
    return tl::unexpected(ready.error());
  return made;
}

result<void> server_process::write_config(const server_setup& setup) {
  std::ofstream file(folder_ / "plenary.toml");
  file << fmt::format("[node]\nname = \"load\"\ndata_dir = \"{}\"\nlog = \"warning\"\n"
                      "[sip]\nlisten = [\"udp:127.0.0.1:{}\"]\n"
                      "[media]\naddress = \"127.0.0.1\"\nports = \"10000-29999\"\n"
                      "[http]\nlisten = \"127.0.0.1:{}\"\n"
                      "[room]\nmax_participants = 10000\n",
                      (folder_ / "data").string(), sip_port_, http_port_);
  file << fmt::format(
      "[[application]]\nid = \"app_load\"\ncustomer_id = \"cust_load\"\napi_key = \"mv_test_load\"\n"
      "answer_url = \"http://127.0.0.1:{0}/answer\"\nwebhook_url = \"http://127.0.0.1:{0}/webhooks\"\n"
      "webhook_secret = \"load-secret-of-no-worth\"\n",
      setup.app_port);
  file << fmt::format("[[trunk]]\nname = \"load\"\nproxy = \"sip:127.0.0.1:9\"\n"
                      "inbound_ips = [\"127.0.0.0/8\"]\nsrtp = \"{}\"\n",
                      setup.srtp ? "required" : "off");
  for (std::size_t room = 0; room < setup.rooms; ++room)
    file << fmt::format("[[did]]\nnumber = \"{}\"\napplication = \"app_load\"\n", room_number(room));
  file.close();
  return file ? result<void>() : fail(errc::internal, fmt::format("cannot write into {}", folder_.string()));
}

result<void> server_process::launch(const std::string& program) {
  const auto config = (folder_ / "plenary.toml").string();
  const auto log = (folder_ / "log").string();
  pid_ = fork();
  if (pid_ < 0)
    return fail(errc::internal, fmt::format("fork: {}", std::strerror(errno)));
  if (pid_ > 0)
    return {};
  pin_to_core(server_core);
  const int output = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execl(program.c_str(), program.c_str(), "--config", config.c_str(), nullptr);
  _exit(127);
}

result<void> server_process::wait_until_ready() {
  for (const auto deadline = clock::now() + start_deadline; clock::now() < deadline;) {
    if (int status = 0; has_ended(pid_, status)) {
      pid_ = -1;
      return fail(errc::unavailable, fmt::format("the server ended at start; its files are in {}\n{}",
                                                 folder_.string(), log_tail()));
    }
    if (is_ready(http_port_))
      return {};
    std::this_thread::sleep_for(pause_between_looks);
  }
  return fail(errc::timeout,
              fmt::format("the server is not ready after {} s\n{}", start_deadline.count(), log_tail()));
}

std::string server_process::log_tail() const {
  std::ifstream file(folder_ / "log");
  std::stringstream text;
  text << file.rdbuf();
  const auto all = text.str();
  return all.size() > 2000 ? all.substr(all.size() - 2000) : all;
}

server_process::~server_process() {
  if (pid_ < 0)
    return;
  int status = 0;
  kill(pid_, SIGTERM);
  for (const auto deadline = clock::now() + stop_deadline; clock::now() < deadline;) {
    if (has_ended(pid_, status)) {
      if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        std::filesystem::remove_all(folder_);
      else
        fmt::print(stderr, "the server ended with wait status {}; its files are in {}\n", status,
                   folder_.string());
      return;
    }
    std::this_thread::sleep_for(pause_between_looks);
  }
  fmt::print(stderr, "the server did not end on SIGTERM within {} s; its files are in {}\n",
             stop_deadline.count(), folder_.string());
  kill(pid_, SIGKILL);
  waitpid(pid_, &status, 0);
}

} // namespace plenary::load
