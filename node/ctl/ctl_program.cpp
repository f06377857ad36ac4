#include "node/ctl/ctl_program.hpp"

#include "node/ctl/commands.hpp"
#include "node/ctl/completion.hpp"
#include "node/ctl/explain.hpp"
#include "node/ctl/views.hpp"
#include "node/files/bounded_file.hpp"

#include <fmt/format.h>

#include <array>

namespace plenary {

namespace {

using nlohmann::json;

/// The key that stands alone in a file.
tl::expected<std::string, ctl_trouble> key_in(const std::string& file) {
  constexpr std::size_t most = 4096;
  auto text = read_bounded_file(file, most);
  if (!text)
    return tl::unexpected(
        ctl_trouble{ctl_status::wrong_usage, fmt::format("{} holds no key: {}", file, text.error().message)});
  auto key = text->substr(0, text->find('\n'));
  if (key.empty())
    return tl::unexpected(ctl_trouble{ctl_status::wrong_usage, fmt::format("{} holds no key", file)});
  if (key.ends_with('\r'))
    key.pop_back();
  return key;
}

ctl_status tell(const ctl_trouble& what, std::ostream& err) {
  err << "plenaryctl: " << what.message << "\n";
  return what.status;
}

/// The room that a call is in, or null when there is none or nobody can say.
json room_of(const ctl_session& session, const json& call) {
  auto name = field_text(call, "room");
  if (name.empty())
    return nullptr;
  auto room = session.ask("GET", room_path(name));
  return room ? *room : json(nullptr);
}

ctl_result explain(const ctl_session& session) {
  auto call = session.ask("GET", call_path(session.arguments().operands[0]));
  if (!call)
    return call;
  auto nodes = session.ask("GET", "/v1/nodes"); // only an operator sees them
  return call_story(*call, room_of(session, *call), nodes ? *nodes : json(nullptr));
}

std::string done_view(const json&) {
  return "done\n";
}

/// How a command that is one question is asked and shown.
struct question {
  std::string_view verb;
  ctl_result (*ask)(const ctl_session&);
  std::string (*view)(const json&);
};

const std::string& operand(const ctl_session& session, std::size_t index) {
  return session.arguments().operands.at(index);
}

ctl_result control(const ctl_session& session) {
  return session.ask("POST", fmt::format("{}/participants/{}/{}", room_path(operand(session, 0)),
                                         percent_encoded(operand(session, 1)), session.arguments().verb));
}

constexpr std::array questions{
    question{"nodes", [](const ctl_session& s) { return s.ask("GET", "/v1/nodes"); }, nodes_view},
    question{"customers", [](const ctl_session& s) { return s.ask("GET", "/v1/customers"); }, customers_view},
    question{"rooms", [](const ctl_session& s) { return s.ask_all("/v1/rooms", "rooms"); }, rooms_view},
    question{"room", [](const ctl_session& s) { return s.ask("GET", room_path(operand(s, 0))); }, room_view},
    question{"calls", [](const ctl_session& s) { return s.ask_all("/v1/calls", "calls"); }, calls_view},
    question{"call", [](const ctl_session& s) { return s.ask("GET", call_path(operand(s, 0))); }, call_view},
    question{"explain", explain, story_view},
    question{"hangup",
             [](const ctl_session& s) { return s.ask("POST", call_path(operand(s, 0)) + "/hangup"); },
             done_view},
    question{"mute", control, done_view},
    question{"unmute", control, done_view},
    question{"kick", control, done_view},
    question{"end", [](const ctl_session& s) { return s.ask("POST", room_path(operand(s, 0)) + "/end"); },
             done_view},
};

ctl_status carry_out(const ctl_session& session, std::ostream& out, std::ostream& err) {
  const auto& verb = session.arguments().verb;
  if (verb == "drain") {
    auto trouble = run_drain(session, out);
    return trouble ? tell(*trouble, err) : ctl_status::done;
  }
  if (verb == "names") {
    auto trouble = run_names(session, out);
    return trouble ? tell(*trouble, err) : ctl_status::done;
  }
  if (verb == "top") {
    auto trouble = run_top(session, out);
    return trouble ? tell(*trouble, err) : ctl_status::done;
  }
  for (const auto& each : questions) {
    if (each.verb != verb)
      continue;
    auto document = each.ask(session);
    if (!document)
      return tell(document.error(), err);
    out << (session.arguments().json ? document->dump(2) + "\n" : each.view(*document));
    return ctl_status::done;
  }
  return ctl_status::wrong_usage;
}

} // namespace

ctl_status run_ctl(std::span<const char* const> words, const std::map<std::string, std::string>& environment,
                   std::ostream& out, std::ostream& err) {
  auto arguments = parse_ctl_arguments(words, environment);
  if (!arguments)
    return tell({ctl_status::wrong_usage, arguments.error().message + " (plenaryctl help)"}, err);
  if (arguments->verb == "help") {
    out << ctl_help();
    return ctl_status::done;
  }
  if (arguments->verb == "version") {
    out << "plenaryctl " PLENARY_VERSION "\n";
    return ctl_status::done;
  }
  if (arguments->verb == "doctor")
    return run_doctor(*arguments, out);
  if (arguments->verb == "completion") {
    auto script = completion_script(arguments->operands[0]);
    if (!script)
      return tell({ctl_status::wrong_usage, script.error().message}, err);
    out << *script;
    return ctl_status::done;
  }
  if (!arguments->key_file.empty()) {
    auto key = key_in(arguments->key_file);
    if (!key)
      return tell(key.error(), err);
    arguments->key = *key;
  }
  return carry_out(ctl_session{std::move(*arguments)}, out, err);
}

} // namespace plenary
