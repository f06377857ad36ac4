#include "node/ctl/completion.hpp"

#include "node/ctl/ctl_arguments.hpp"

#include <array>

namespace plenary {

namespace {

/// Words of a fixed list, or what `plenaryctl names` knows, for each name of an operand.
struct operand_kind {
  std::string_view operand;
  std::string_view names; ///< kind of `plenaryctl names`; empty: `words`
  std::string_view words;
};

constexpr std::array operand_kinds{
    operand_kind{"ROOM", "rooms", ""},          operand_kind{"CALL", "calls", ""},
    operand_kind{"NODE", "nodes", ""},          operand_kind{"KIND", "", "rooms calls nodes customers"},
    operand_kind{"SHELL", "", "bash zsh fish"},
};

std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

const operand_kind* kind_of(std::string_view operand) {
  for (const auto& each : operand_kinds)
    if (each.operand == operand)
      return &each;
  return nullptr;
}

/// Calls `visit(verb, place, kind)` for each operand that can be completed; the first place is 0.
template <class Visitor>
void for_each_operand(Visitor&& visit) {
  for (const auto& verb : ctl_verbs()) {
    std::size_t place = 0;
    for (const auto operand : words_of(verb.operands)) {
      if (const auto* kind = kind_of(operand))
        visit(verb, place, *kind);
      ++place;
    }
  }
}

std::string verb_words() {
  std::string words;
  for (const auto& verb : ctl_verbs())
    words += fmt::format("{}{}", words.empty() ? "" : " ", verb.name);
  return words;
}

/// The options of one verb, or those that every verb takes for an empty one.
std::string flag_words(std::string_view verb) {
  std::string words;
  for (const auto& flag : ctl_flags())
    if (flag.verb == verb)
      words += fmt::format("{}{}", words.empty() ? "" : " ", flag.name);
  return words;
}

std::string bash_flag_cases() {
  std::string cases;
  for (const auto& verb : ctl_verbs())
    if (auto flags = flag_words(verb.name); !flags.empty())
      cases += fmt::format("        {}) words=\"$words {}\" ;;\n", verb.name, flags);
  return cases;
}

std::string bash_operand_cases() {
  std::string cases;
  for_each_operand([&cases](const ctl_verb& verb, std::size_t place, const operand_kind& kind) {
    cases += kind.names.empty()
                 ? fmt::format("            {}:{}) list=\"{}\" ;;\n", verb.name, place, kind.words)
                 : fmt::format("            {}:{}) kind={} ;;\n", verb.name, place, kind.names);
  });
  return cases;
}

/// Names are asked for with the options that stand on the line, and within a second.
std::string bash_script() {
  return fmt::format(R"sh(_plenaryctl() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}"
    local verb="" place=0 value="" kind="" list="" word words
    local -a asked=()
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case "$value" in
            asked) asked+=("$word"); value=""; continue ;;
            other) value=""; continue ;;
        esac
        case "$word" in
            --url|--key|--key-file|--customer) asked+=("$word"); value=asked ;;
            --timeout|--node) value=other ;;
            -*) ;;
            *) if [ -z "$verb" ]; then verb="$word"; else place=$((place+1)); fi ;;
        esac
    done
    case "$previous" in
        --key-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --url|--key|--timeout|--node) return ;;
        --customer) kind=customers; asked=("${{asked[@]:0:${{#asked[@]}}-1}}") ;;
        *) case "$verb:$place" in
{operands}        esac ;;
    esac
    case "$current" in -*) kind=""; list="" ;; esac
    if [ -n "$kind" ]; then
        list="$(plenaryctl names "$kind" --timeout 1 "${{asked[@]}}" 2>/dev/null)"
        COMPREPLY=($(compgen -W "$list" -- "$current"))
        return
    fi
    if [ -n "$list" ]; then
        COMPREPLY=($(compgen -W "$list" -- "$current"))
        return
    fi
    words="{flags}"
    [ -n "$verb" ] || words="{verbs} $words"
    case "$verb" in
{cases}    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _plenaryctl plenaryctl
)sh",
                     fmt::arg("verbs", verb_words()), fmt::arg("flags", flag_words("")),
                     fmt::arg("cases", bash_flag_cases()), fmt::arg("operands", bash_operand_cases()));
}

std::string zsh_quoted(std::string_view text) {
  std::string quoted;
  for (char c : text) {
    if (c == '\'')
      quoted += "'\\''";
    else if (c == ':' || c == '[' || c == ']')
      quoted += fmt::format("\\{}", c);
    else
      quoted += c;
  }
  return quoted;
}

std::string zsh_value(const ctl_flag& flag) {
  if (flag.value.empty())
    return {};
  return fmt::format(":{}:{}", flag.value,
                     flag.value == "FILE"        ? "_files"
                     : flag.name == "--customer" ? "{ _plenaryctl_names customers }"
                                                 : "");
}

std::string zsh_script() {
  std::string text = "#compdef plenaryctl\n"
                     "_plenaryctl_names() {\n"
                     "  local -a names\n"
                     "  names=(${(f)\"$(plenaryctl names $1 --timeout 1 2>/dev/null)\"})\n"
                     "  compadd -a names\n"
                     "}\n"
                     "_plenaryctl() {\n  local state line\n  local -a verbs\n  verbs=(\n";
  for (const auto& verb : ctl_verbs())
    text += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(verb.sentence));
  text += "  )\n  _arguments -C \\\n";
  for (const auto& flag : ctl_flags())
    text += fmt::format("    '{}[{}]{}' \\\n", flag.name, zsh_quoted(flag.sentence), zsh_value(flag));
  text += "    '1:command:{ _describe command verbs }' '2:operand:->0' '3:operand:->1'\n"
          "  case \"$line[1]:$state\" in\n";
  for_each_operand([&text](const ctl_verb& verb, std::size_t place, const operand_kind& kind) {
    text += kind.names.empty()
                ? fmt::format("    {}:{}) compadd {} ;;\n", verb.name, place, kind.words)
                : fmt::format("    {}:{}) _plenaryctl_names {} ;;\n", verb.name, place, kind.names);
  });
  return text + "  esac\n}\ncompdef _plenaryctl plenaryctl\n";
}

std::string fish_quoted(std::string_view text) {
  std::string quoted;
  for (char c : text)
    quoted += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
  return quoted;
}

std::string fish_script() {
  std::string text = "complete -c plenaryctl -f\n";
  for (const auto& verb : ctl_verbs())
    text += fmt::format("complete -c plenaryctl -n __fish_use_subcommand -a {} -d '{}'\n", verb.name,
                        fish_quoted(verb.sentence));
  for (const auto& flag : ctl_flags()) {
    auto only =
        flag.verb.empty() ? std::string{} : fmt::format(" -n '__fish_seen_subcommand_from {}'", flag.verb);
    const auto* value = flag.value.empty() ? "" : flag.value == "FILE" ? " -r -F" : " -x";
    auto names =
        flag.name == "--customer" ? " -a '(plenaryctl names customers --timeout 1 2>/dev/null)'" : "";
    text += fmt::format("complete -c plenaryctl{} -l {}{}{} -d '{}'\n", only, flag.name.substr(2), value,
                        names, fish_quoted(flag.sentence));
  }
  for_each_operand([&text](const ctl_verb& verb, std::size_t place, const operand_kind& kind) {
    auto what = kind.names.empty() ? std::string{kind.words}
                                   : fmt::format("(plenaryctl names {} --timeout 1 2>/dev/null)", kind.names);
    text +=
        fmt::format("complete -c plenaryctl -n '__fish_seen_subcommand_from {}; and test (count (commandline "
                    "-opc)) -eq {}' -a '{}'\n",
                    verb.name, place + 2, what);
  });
  return text;
}

} // namespace

result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash")
    return bash_script();
  if (shell == "zsh")
    return zsh_script();
  if (shell == "fish")
    return fish_script();
  return fail(errc::malformed, "completion is there for bash, zsh and fish");
}

} // namespace plenary
