#include "bench/load/options.hpp"
#include "bench/load/report.hpp"
#include "bench/load/self_test.hpp"
#include "bench/load/server_process.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <fstream>

namespace {

using namespace plenary;
using namespace plenary::load;

void raise_file_limit() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/// Runs one scenario against a server of its own, or the attached one.
result<scenario_report> run_one(const options& given, const scenario& what) {
  const auto app = customer_app::start(given.attached.app_port);
  if (!app)
    return tl::unexpected(app.error());
  if (given.attached.pid != 0)
    return run(what,
               {make_address(INADDR_LOOPBACK, given.attached.sip_port), given.attached.pid, app->get()});
  const auto server = server_process::start({given.server, what.plan.rooms, (*app)->port(), what.plan.srtp});
  if (!server)
    return tl::unexpected(server.error());
  return run(what, {make_address(INADDR_LOOPBACK, (*server)->sip_port()), (*server)->pid(), app->get()});
}

int run_all(const options& given) {
  std::vector<scenario_report> reports;
  bool good = true;
  fmt::print("{}", heading());
  for (const auto& what : given.scenarios) {
    fmt::print(stderr, "{} ...\n", name_of(what));
    auto report = run_one(given, what);
    if (!report) {
      fmt::print("{:26} FAILED: {}\n", name_of(what), report.error().message);
      good = false;
      continue;
    }
    fmt::print("{}", row(*report));
    std::fflush(stdout);
    good = is_good(*report) && good;
    reports.push_back(std::move(*report));
  }
  if (!given.json_file.empty())
    std::ofstream(given.json_file) << to_json(reports);
  return good ? 0 : 1;
}

} // namespace

int main(int count, char** arguments) {
  const auto given = read_options({arguments, static_cast<std::size_t>(count)});
  if (!given) {
    fmt::print(stderr, "plenary_load: {}\n{}", given.error().message, usage());
    return 2;
  }
  if (given->help) {
    fmt::print("{}", usage());
    return 0;
  }
  raise_file_limit();
  if (!pin_to_core(callers_core))
    fmt::print(stderr, "plenary_load: cannot pin itself to core {}; figures of CPU will be worse\n",
               callers_core);
  if (given->self_test)
    return self_test() ? 0 : 1;
  return run_all(*given);
}
