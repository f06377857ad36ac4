#include "node/ctl/completion.hpp"

#include "node/ctl/ctl_arguments.hpp"

namespace plenary {

namespace {

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

std::string bash_cases() {
  std::string cases;
  for (const auto& verb : ctl_verbs())
    if (auto flags = flag_words(verb.name); !flags.empty())
      cases += fmt::format("        {}) words=\"$words {}\" ;;\n", verb.name, flags);
  return cases;
}

std::string bash_script() {
  return fmt::format(R"(_plenaryctl() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" verb="" word
    for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
        case " {verbs} " in *" $word "*) verb="$word"; break ;; esac
    done
    case "$previous" in
        --key-file) COMPREPLY=($(compgen -f -- "$current")); return ;;
        completion) COMPREPLY=($(compgen -W "bash zsh" -- "$current")); return ;;
    esac
    local words="{flags}"
    [ -n "$verb" ] || words="{verbs} $words"
    case "$verb" in
{cases}    esac
    COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -F _plenaryctl plenaryctl
)",
                     fmt::arg("verbs", verb_words()), fmt::arg("flags", flag_words("")),
                     fmt::arg("cases", bash_cases()));
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

std::string zsh_script() {
  std::string text = "#compdef plenaryctl\n_plenaryctl() {\n  local -a verbs\n  verbs=(\n";
  for (const auto& verb : ctl_verbs())
    text += fmt::format("    '{}:{}'\n", verb.name, zsh_quoted(verb.sentence));
  text += "  )\n  _arguments \\\n";
  for (const auto& flag : ctl_flags()) {
    auto value = flag.value.empty() ? std::string{}
                                    : fmt::format(":{}:{}", flag.value, flag.value == "FILE" ? "_files" : "");
    text += fmt::format("    '{}[{}]{}' \\\n", flag.name, zsh_quoted(flag.sentence), value);
  }
  return text +
         "    '1:command:{ _describe command verbs }' '*:operand:'\n}\ncompdef _plenaryctl plenaryctl\n";
}

} // namespace

result<std::string> completion_script(std::string_view shell) {
  if (shell == "bash")
    return bash_script();
  if (shell == "zsh")
    return zsh_script();
  return fail(errc::malformed, "completion is there for bash and zsh");
}

} // namespace plenary
