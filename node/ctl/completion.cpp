#include "node/ctl/completion.hpp"

#include "node/ctl/ctl_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
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

/// The options that are followed by a value, with `between` between them.
std::string valued_flags(std::string_view between) {
  std::string words;
  for (const auto& flag : ctl_flags())
    if (!flag.value.empty())
      words += fmt::format("{}{}", words.empty() ? "" : between, flag.name);
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

/// Names are asked for with the options that stand on the line, and within a second. The line is split at its
/// blanks: bash's own words end at each `:` and `=`, which URLs and options hold.
constexpr std::string_view bash_text = R"sh(_plenaryctl() {{
    local line="${{COMP_LINE:0:COMP_POINT}}" current="" option="" verb="" place=0 kind="" list="" word words
    local -a typed=() asked=()
    read -ra typed <<<"$line"
    case "$line" in
        *[[:space:]]) ;;
        *) current="${{typed[${{#typed[@]}}-1]}}"; typed=("${{typed[@]:0:${{#typed[@]}}-1}}") ;;
    esac
    for word in "${{typed[@]:1}}"; do
        if [ -n "$option" ]; then
            case "$option" in --url|--key|--key-file|--customer) asked+=("$option" "$word") ;; esac
            option=""
            continue
        fi
        case "$word" in
            {valued}) option="$word" ;;
            --url=*|--key=*|--key-file=*|--customer=*) asked+=("$word") ;;
            -*) ;;
            *) if [ -z "$verb" ]; then verb="$word"; else place=$((place+1)); fi ;;
        esac
    done
    case "$current" in --*=*) option="${{current%%=*}}"; current="${{current#*=}}" ;; esac
    case "$option" in
        --key-file|--config) COMPREPLY=($(compgen -f -- "$current")); return ;;
        --customer) kind=customers ;;
        -*) COMPREPLY=(); return ;;
        *) case "$verb:$place" in
{operands}        esac
        case "$current" in -*) kind=""; list="" ;; esac ;;
    esac
    [ -z "$kind" ] || list="$(plenaryctl names "$kind" --timeout 1 "${{asked[@]}}" 2>/dev/null)"
    if [ -n "$kind$list" ]; then
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
)sh";

std::string bash_script() {
  return fmt::format(bash_text, fmt::arg("valued", valued_flags("|")), fmt::arg("verbs", verb_words()),
                     fmt::arg("flags", flag_words("")), fmt::arg("cases", bash_flag_cases()),
                     fmt::arg("operands", bash_operand_cases()));
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

/// One option as `_arguments` of zsh reads it: its value may follow as the next word or after `=`.
std::string zsh_option(const ctl_flag& flag) {
  if (flag.name == "--wait") // the one whose value may be left out
    return fmt::format("'--wait=-[{}]:: : '", zsh_quoted(flag.sentence));
  if (flag.value.empty())
    return fmt::format("'{}[{}]'", flag.name, zsh_quoted(flag.sentence));
  const auto* action = flag.value == "FILE"        ? "_files"
                       : flag.name == "--customer" ? "{ _plenaryctl_names customers }"
                                                   : " ";
  return fmt::format("'{}{}=[{}]:{}:{}'", flag.name == "--node" ? "*" : "", flag.name,
                     zsh_quoted(flag.sentence), flag.value, action);
}

std::string zsh_options(std::string_view verb) {
  std::string text;
  for (const auto& flag : ctl_flags())
    if (flag.verb == verb)
      text += fmt::format("{}{}", text.empty() ? "" : "\n    ", zsh_option(flag));
  return text;
}

std::string zsh_option_cases() {
  std::string cases;
  for (const auto& verb : ctl_verbs())
    if (auto options = zsh_options(verb.name); !options.empty())
      cases += fmt::format("  {}) options+=(\n    {}) ;;\n", verb.name, options);
  return cases;
}

std::string zsh_commands() {
  std::string text;
  for (const auto& verb : ctl_verbs())
    text += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(verb.sentence));
  return text;
}

std::string zsh_operand_cases() {
  std::string cases;
  for_each_operand([&cases](const ctl_verb& verb, std::size_t place, const operand_kind& kind) {
    cases += kind.names.empty()
                 ? fmt::format("    {}:{}) compadd {} ;;\n", verb.name, place, kind.words)
                 : fmt::format("    {}:{}) _plenaryctl_names {} ;;\n", verb.name, place, kind.names);
  });
  return cases;
}

/// Works as a file of `$fpath`, whose first call must complete, and when a shell reads it.
constexpr std::string_view zsh_text = R"sh(#compdef plenaryctl
_plenaryctl_names() {{
  local -a asked names
  local i
  for ((i = 2; i < CURRENT; ++i)); do
    case ${{words[i]}} in
    --url=*|--key=*|--key-file=*|--customer=*) asked+=("${{(Q)words[i]}}") ;;
    --url|--key|--key-file|--customer) ((i + 1 < CURRENT)) && asked+=("${{(Q)words[i]}}" "${{(Q)words[i+1]}}") ;;
    esac
  done
  names=(${{(f)"$(plenaryctl names $1 --timeout 1 $asked 2>/dev/null)"}})
  compadd -a names
}}
_plenaryctl() {{
  local curcontext="$curcontext" state line verb i
  local -a commands options
  for ((i = 2; i < CURRENT; ++i)); do
    case ${{words[i]}} in
    {valued}) ((++i)) ;;
    -*) ;;
    *) verb=${{words[i]}}; break ;;
    esac
  done
  commands=(
{commands}  )
  options=(
    {options})
  case "$verb" in
{cases}  esac
  _arguments -C $options '1:command:{{ _describe command commands }}' '2:operand:->0' '3:operand:->1'
  case "$verb:$state" in
{operands}  esac
}}
if [ "$funcstack[1]" = _plenaryctl ]; then
  _plenaryctl "$@"
else
  compdef _plenaryctl plenaryctl
fi
)sh";

std::string zsh_script() {
  return fmt::format(zsh_text, fmt::arg("valued", valued_flags("|")), fmt::arg("commands", zsh_commands()),
                     fmt::arg("options", zsh_options("")), fmt::arg("cases", zsh_option_cases()),
                     fmt::arg("operands", zsh_operand_cases()));
}

std::string fish_quoted(std::string_view text) {
  std::string quoted;
  for (char c : text)
    quoted += c == '\'' || c == '\\' ? fmt::format("\\{}", c) : std::string(1, c);
  return quoted;
}

constexpr std::string_view fish_text = R"sh(function __plenaryctl_words # neither options nor their values
    set -l given (commandline -opc)
    set -e given[1]
    set -l value no
    for word in $given
        if test $value = yes
            set value no
            continue
        end
        switch $word
            case {valued}
                set value yes
            case '-*'
            case '*'
                echo $word
        end
    end
end
function __plenaryctl_at # after so many words, the first of which is a certain one
    set -l given (__plenaryctl_words)
    test (count $given) -eq $argv[1]; and test "$given[1]" = "$argv[2]"
end
function __plenaryctl_is
    set -l given (__plenaryctl_words)
    test "$given[1]" = "$argv[1]"
end
function __plenaryctl_names
    set -l given (commandline -opc)
    set -l asked
    set -l option
    for word in $given
        if test -n "$option"
            set -a asked $option $word
            set option
            continue
        end
        switch $word
            case '--url=*' '--key=*' '--key-file=*' '--customer=*'
                set -a asked $word
            case --url --key --key-file --customer
                set option $word
        end
    end
    plenaryctl names $argv[1] --timeout 1 $asked 2>/dev/null
end
complete -c plenaryctl -f
)sh";

std::string fish_functions() {
  return fmt::format(fish_text, fmt::arg("valued", valued_flags(" ")));
}

std::string fish_option(const ctl_flag& flag) {
  const auto only = flag.verb.empty() ? std::string{} : fmt::format(" -n '__plenaryctl_is {}'", flag.verb);
  const auto* value = flag.value.empty() ? "" : flag.value == "FILE" ? " -r -F" : " -x";
  const auto* names = flag.name == "--customer" ? " -a '(__plenaryctl_names customers)'" : "";
  return fmt::format("complete -c plenaryctl{} -l {}{}{} -d '{}'\n", only, flag.name.substr(2), value, names,
                     fish_quoted(flag.sentence));
}

std::string fish_script() {
  std::string text = fish_functions();
  for (const auto& verb : ctl_verbs())
    text += fmt::format("complete -c plenaryctl -n '__plenaryctl_at 0' -a {} -d '{}'\n", verb.name,
                        fish_quoted(verb.sentence));
  for (const auto& flag : ctl_flags())
    text += fish_option(flag);
  for_each_operand([&text](const ctl_verb& verb, std::size_t place, const operand_kind& kind) {
    text += fmt::format("complete -c plenaryctl -n '__plenaryctl_at {} {}' -a '{}'\n", place + 1, verb.name,
                        kind.names.empty() ? std::string{kind.words}
                                           : fmt::format("(__plenaryctl_names {})", kind.names));
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
