#include "node/ctl/ctl_arguments.hpp"

#include "node/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace plenary {

namespace {

constexpr std::string_view default_url = "http://127.0.0.1:8080";
constexpr std::chrono::seconds default_wait{300};

constexpr std::array verbs{
    ctl_verb{"nodes", "", "members of the cluster (operator key)"},
    ctl_verb{"customers", "", "customers with their applications and numbers (operator key)"},
    ctl_verb{"rooms", "", "live rooms on all nodes; with the operator key those of all customers"},
    ctl_verb{"room", "ROOM", "one room and its participants"},
    ctl_verb{"calls", "", "live calls on all nodes; with the operator key those of all customers"},
    ctl_verb{"call", "CALL", "one call, live or ended"},
    ctl_verb{"explain", "CALL", "a call's story: what happened, where it is now"},
    ctl_verb{"hangup", "CALL", "end a call"},
    ctl_verb{"mute", "ROOM CALL", "silence a participant"},
    ctl_verb{"unmute", "ROOM CALL", "let a participant be heard again"},
    ctl_verb{"kick", "ROOM CALL", "send a participant out of the room"},
    ctl_verb{"end", "ROOM", "send everybody out of the room"},
    ctl_verb{"drain", "NODE", "move a node's rooms away and let it leave (operator key)"},
    ctl_verb{"top", "", "live figures of every node (operator key)"},
    ctl_verb{"names", "KIND", "names alone, one a line: of rooms, calls, nodes or customers"},
    ctl_verb{"doctor", "", "whether this machine and a configuration fit, and what to do"},
    ctl_verb{"completion", "SHELL", "completion for bash, zsh or fish"},
    ctl_verb{"version", "", "the version; also --version"},
    ctl_verb{"help", "", "this text; also --help"},
};

constexpr std::array flags{
    ctl_flag{"--url", "URL", "", "API of any node [$PLENARY_URL or http://127.0.0.1:8080]"},
    ctl_flag{"--key", "KEY", "", "Bearer key [$PLENARY_KEY]; others can see it in the list of processes"},
    ctl_flag{"--key-file", "FILE", "", "file that holds the key alone"},
    ctl_flag{"--customer", "ID", "", "whose rooms and calls alone, when the key is the operator's"},
    ctl_flag{"--timeout", "SECONDS", "", "for each request [5]"},
    ctl_flag{"--json", "", "", "the answers as JSON"},
    ctl_flag{"--config", "FILE", "doctor", "the node's configuration [/etc/plenary/plenary.toml]"},
    ctl_flag{"--cancel", "", "drain", "let the node take rooms again"},
    ctl_flag{"--wait", "", "drain", "until the node has nothing left or is gone; --wait=SECONDS [300]"},
    ctl_flag{"--once", "", "top", "one table instead of a live one"},
    ctl_flag{"--node", "NAME=URL", "top",
             "where a node's /metrics are, when not at the host of its link and the port of --url"},
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number number{};
  auto [end, trouble] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (trouble != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

template <class Table>
auto find_named(const Table& table, std::string_view name) {
  return std::find_if(table.begin(), table.end(), [name](const auto& entry) { return entry.name == name; });
}

template <class Table>
std::string unknown(std::string_view kind, const std::string& word, const Table& table) {
  std::vector<std::string_view> names;
  names.reserve(table.size());
  for (const auto& each : table)
    names.push_back(each.name);
  const auto nearest = nearest_name(word, names);
  return fmt::format("unknown {} \"{}\"{}", kind, word,
                     nearest.empty() ? std::string{} : fmt::format(": did you mean \"{}\"?", nearest));
}

tl::unexpected<error> wrong(std::string what) {
  return fail(errc::malformed, std::move(what));
}

std::string without_slash(std::string url) {
  while (url.ends_with('/'))
    url.pop_back();
  return url;
}

/// Reads words in any order; the last step checks what they make together.
class word_reader {
public:
  explicit word_reader(std::span<const char* const> words)
      : rest_(words) {}

  result<ctl_arguments> read() {
    while (!rest_.empty())
      if (auto taken = take(next()); !taken)
        return tl::unexpected<error>(taken.error());
    return check();
  }

private:
  std::string next() {
    std::string word = rest_.front();
    rest_ = rest_.subspan(1);
    return word;
  }

  result<void> take(const std::string& word) {
    if (word == "--help" || word == "-h" || word == "--version") {
      instead_ = word == "--version" ? "version" : "help";
      return {};
    }
    if (!word.starts_with("--")) {
      (made_.verb.empty() ? made_.verb : made_.operands.emplace_back()) = word;
      return {};
    }
    auto equals = word.find('=');
    auto flag = find_named(flags, std::string_view{word}.substr(0, equals));
    if (flag == flags.end())
      return wrong(unknown("option", word.substr(0, equals), flags));
    used_.push_back(&*flag);
    if (equals != std::string::npos)
      return put(*flag, word.substr(equals + 1), true);
    if (flag->value.empty())
      return put(*flag, "", false);
    if (rest_.empty())
      return wrong(fmt::format("{} needs {}", flag->name, flag->value));
    return put(*flag, next(), true);
  }

  result<void> put(const ctl_flag& flag, const std::string& value, bool given) {
    if (flag.name == "--wait")
      return put_wait(given ? value : std::to_string(default_wait.count()));
    if (flag.value.empty() && given)
      return wrong(fmt::format("{} takes no value", flag.name));
    if (!flag.value.empty() && value.empty())
      return wrong(fmt::format("{} needs {}", flag.name, flag.value));
    if (flag.name == "--timeout")
      return put_timeout(value);
    if (flag.name == "--node")
      return put_node(value);
    for (auto [name, target] :
         {std::pair{"--url", &made_.url}, std::pair{"--key", &made_.key},
          std::pair{"--key-file", &made_.key_file}, std::pair{"--customer", &made_.customer},
          std::pair{"--config", &made_.config}})
      if (flag.name == name)
        *target = value;
    for (auto [name, target] : {std::pair{"--json", &made_.json}, std::pair{"--cancel", &made_.cancel},
                                std::pair{"--once", &made_.once}})
      if (flag.name == name)
        *target = true;
    return {};
  }

  result<void> put_wait(const std::string& value) {
    auto seconds = number_of<int>(value);
    if (!seconds || *seconds < 1 || *seconds > 86400)
      return wrong("--wait takes 1 to 86400 seconds");
    made_.wait = std::chrono::seconds{*seconds};
    return {};
  }

  result<void> put_timeout(const std::string& value) {
    auto seconds = number_of<int>(value);
    if (!seconds || *seconds < 1 || *seconds > 600)
      return wrong("--timeout takes 1 to 600 seconds");
    made_.timeout = std::chrono::seconds{*seconds};
    return {};
  }

  result<void> put_node(const std::string& value) {
    auto equals = value.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == value.size())
      return wrong("--node takes NAME=URL");
    made_.node_urls[value.substr(0, equals)] = without_slash(value.substr(equals + 1));
    return {};
  }

  result<ctl_arguments> check() {
    if (!instead_.empty()) {
      made_ = {};
      made_.verb = instead_;
    }
    auto verb = find_named(verbs, made_.verb);
    if (verb == verbs.end())
      return wrong(made_.verb.empty() ? "a command is missing" : unknown("command", made_.verb, verbs));
    if (made_.operands.size() != verb->operand_count())
      return wrong(verb->operands.empty() ? fmt::format("{} takes no operand", verb->name)
                                          : fmt::format("{} needs {}", verb->name, verb->operands));
    for (const auto* flag : used_)
      if (instead_.empty() && !flag->verb.empty() && flag->verb != verb->name)
        return wrong(fmt::format("{} belongs to {}, not to {}", flag->name, flag->verb, verb->name));
    if (made_.cancel && made_.wait.count() > 0)
      return wrong("--cancel and --wait exclude each other");
    if (!made_.key.empty() && !made_.key_file.empty())
      return wrong("--key and --key-file exclude each other");
    return std::move(made_);
  }

  std::span<const char* const> rest_;
  ctl_arguments made_;
  std::vector<const ctl_flag*> used_;
  std::string instead_; ///< of everything else: `help` or `version`
};

} // namespace

std::size_t ctl_verb::operand_count() const {
  if (operands.empty())
    return 0;
  return static_cast<std::size_t>(std::count(operands.begin(), operands.end(), ' ')) + 1;
}

std::span<const ctl_verb> ctl_verbs() {
  return verbs;
}

std::span<const ctl_flag> ctl_flags() {
  return flags;
}

result<ctl_arguments> parse_ctl_arguments(std::span<const char* const> words,
                                          const std::map<std::string, std::string>& environment) {
  auto parsed = word_reader{words}.read();
  if (!parsed)
    return parsed;
  auto from_environment = [&](const char* name) {
    auto found = environment.find(name);
    return found == environment.end() ? std::string{} : found->second;
  };
  if (parsed->url.empty())
    parsed->url = from_environment("PLENARY_URL");
  if (parsed->url.empty())
    parsed->url = default_url;
  parsed->url = without_slash(std::move(parsed->url));
  if (parsed->key.empty() && parsed->key_file.empty())
    parsed->key = from_environment("PLENARY_KEY");
  return parsed;
}

std::string ctl_help() {
  std::string text = "usage: plenaryctl COMMAND [OPTIONS]\n\ncommands:\n";
  for (const auto& verb : verbs)
    text += fmt::format("  {:<20} {}\n", fmt::format("{} {}", verb.name, verb.operands), verb.sentence);
  text += "\noptions:\n";
  for (const auto& flag : flags)
    text += fmt::format("  {:<20} {}{}\n", fmt::format("{} {}", flag.name, flag.value),
                        flag.verb.empty() ? "" : fmt::format("{}: ", flag.verb), flag.sentence);
  return text +
         "\nExit status: 0 done, 1 refused or failed, 2 wrong command line, 3 no answer, 4 there is no such\n"
         "object, 5 being moved or not yet done: try again.\n";
}

} // namespace plenary
