#include "node/ctl/commands.hpp"
#include "node/ctl/doctor.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <ostream>

namespace plenary {

namespace {

std::string_view word_of(finding::grade how) {
  switch (how) {
  case finding::grade::fine:
    return "ok";
  case finding::grade::advice:
    return "advice";
  case finding::grade::fault:
    break;
  }
  return "FAULT";
}

} // namespace

ctl_status run_doctor(const ctl_arguments& arguments, std::ostream& out) {
  const auto found = examine_file(
      arguments.config, std::chrono::time_point_cast<wall_time::duration>(std::chrono::system_clock::now()));
  auto list = nlohmann::json::array();
  for (const auto& each : found) {
    list.push_back({{"grade", each.how == finding::grade::fault ? "fault" : word_of(each.how)},
                    {"subject", each.subject},
                    {"what", each.what},
                    {"advice", each.advice}});
    if (!arguments.json)
      out << fmt::format("{:<7} {}: {}{}\n", word_of(each.how), each.subject, each.what,
                         each.advice.empty() ? "" : "\n        -> " + each.advice);
  }
  if (arguments.json)
    out << nlohmann::json{{"findings", std::move(list)}}.dump(2) << "\n";
  const bool is_ill = std::any_of(found.begin(), found.end(),
                                  [](const auto& each) { return each.how == finding::grade::fault; });
  return is_ill ? ctl_status::failed : ctl_status::done;
}

} // namespace plenary
