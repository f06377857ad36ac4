#include "bench/load/options.hpp"

#include <fmt/format.h>

#include <charconv>
#include <functional>
#include <map>
#include <string_view>

namespace plenary::load {

namespace {

/// Takes the option's value; false when it does not fit.
using reader = std::function<bool(std::string_view)>;

struct option {
  const char* value; ///< its name in the usage; null: the option is a flag
  const char* sentence;
  reader read;
};

template <class Number>
reader number(Number& into, std::size_t least, std::size_t most) {
  return [&into, least, most](std::string_view text) {
    std::size_t value = 0;
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    into = static_cast<Number>(value);
    return code == std::errc() && end == text.data() + text.size() && value >= least && value <= most;
  };
}

reader flag(bool& into) {
  return [&into](std::string_view) { return into = true; };
}

/// The scenario that the options describe, before it is known whether the goals' set is wanted.
struct draft {
  scenario one;
  std::size_t window = 30;
  bool goals = false;
  std::size_t rate = 50;
};

std::map<std::string, option> table(options& made, draft& plan) {
  auto& crowd = plan.one.plan;
  return {
      {"--help", {nullptr, "print this", flag(made.help)}},
      {"--self-test", {nullptr, "prove the checks against a built-in reflector", flag(made.self_test)}},
      {"--server",
       {"PATH", "plenaryd to start, pinned to core 1",
        [&](std::string_view text) {
          made.server = text;
          return true;
        }}},
      {"--attach",
       {"PID", "call a running plenaryd instead (with --sip-port, --app-port)",
        number(made.attached.pid, 1, 1U << 30U)}},
      {"--sip-port", {"PORT", "its UDP port on 127.0.0.1", number(made.attached.sip_port, 1, 65535)}},
      {"--app-port",
       {"PORT", "where its answer_url and webhook_url lead", number(made.attached.app_port, 1, 65535)}},
      {"--goals", {nullptr, "run every case that has a goal", flag(plan.goals)}},
      {"--rooms", {"N", "rooms, default 1", number(crowd.rooms, 1, 1000)}},
      {"--callers", {"N", "callers in each room, default 10", number(crowd.callers_per_room, 2, 5000)}},
      {"--talkers", {"N", "of them talk all the time, default 2", number(crowd.talkers, 1, 5)}},
      {"--silent",
       {"dtx|noise", "what the others send, default dtx",
        [&](std::string_view text) {
          crowd.silent = text == "noise" ? silence::noise : silence::dtx;
          return text == "noise" || text == "dtx";
        }}},
      {"--seconds", {"S", "length of the window, default 30", number(plan.window, 5, 3600)}},
      {"--rate", {"N", "calls placed per second, default 50", number(plan.rate, 1, 1000)}},
      {"--srtp", {nullptr, "SRTP (AES_CM_128_HMAC_SHA1_80) for all", flag(crowd.srtp)}},
      {"--stall", {nullptr, "stop the server for 500 ms and see the delay come back", flag(plan.one.stall)}},
      {"--largest",
       {"N", "grow one room by N callers until more than 1 % is late or missing",
        number(plan.one.grow_by, 1, 2000)}},
      {"--tries",
       {"N", "windows at most until one is not disturbed by the machine, default 3",
        number(plan.one.tries, 1, 20)}},
      {"--most", {"N", "a growing room stops here, default 4000", number(plan.one.most_callers, 2, 10000)}},
      {"--json",
       {"FILE", "write the results there too",
        [&](std::string_view text) {
          made.json_file = text;
          return true;
        }}},
  };
}

std::vector<scenario> goal_scenarios(const draft& plan) {
  const auto make = [&](std::size_t rooms, std::size_t callers, std::size_t talkers, silence silent) {
    auto made = plan.one;
    made.plan.rooms = rooms;
    made.plan.callers_per_room = callers;
    made.plan.talkers = talkers;
    made.plan.silent = silent;
    return made;
  };
  return {make(1, 10, 2, silence::dtx),  make(1, 50, 2, silence::dtx),    make(1, 50, 2, silence::noise),
          make(1, 200, 2, silence::dtx), make(1, 200, 2, silence::noise), make(20, 10, 1, silence::dtx)};
}

result<void> check(const options& made, const draft& plan) {
  if (made.help || made.self_test)
    return {};
  if (made.server.empty() == (made.attached.pid == 0))
    return fail(errc::malformed, "either --server PATH or --attach PID is needed");
  if (made.attached.pid != 0 && (made.attached.sip_port == 0 || made.attached.app_port == 0))
    return fail(errc::malformed, "--attach needs --sip-port and --app-port");
  if (plan.one.plan.talkers >= plan.one.plan.callers_per_room)
    return fail(errc::malformed, "--talkers must be fewer than --callers");
  if (plan.one.grow_by != 0 && plan.one.plan.rooms != 1)
    return fail(errc::malformed, "--largest grows one room");
  return {};
}

} // namespace

result<options> read_options(std::span<char* const> arguments) {
  options made;
  draft plan;
  const auto known = table(made, plan);
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    const auto found = known.find(arguments[i]);
    if (found == known.end())
      return fail(errc::malformed, fmt::format("unknown option {}", arguments[i]));
    const bool takes_value = found->second.value != nullptr;
    if (takes_value && ++i == arguments.size())
      return fail(errc::malformed, fmt::format("{} needs {}", found->first, found->second.value));
    if (!found->second.read(takes_value ? arguments[i] : ""))
      return fail(errc::malformed, fmt::format("{}: {} does not fit", found->first, arguments[i]));
  }
  if (auto checked = check(made, plan); !checked)
    return tl::unexpected(checked.error());
  plan.one.window = std::chrono::seconds(plan.window);
  plan.one.plan.calls_per_second = static_cast<double>(plan.rate);
  made.scenarios = plan.goals ? goal_scenarios(plan) : std::vector<scenario>{plan.one};
  return made;
}

std::string usage() {
  options made;
  draft plan;
  std::string text = "plenary_load: real calls to one plenaryd on loopback\n";
  for (const auto& [name, option] : table(made, plan))
    text += fmt::format("  {:24} {}\n", option.value ? name + " " + option.value : name, option.sentence);
  return text;
}

} // namespace plenary::load
