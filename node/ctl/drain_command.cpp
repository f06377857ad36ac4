#include "node/ctl/commands.hpp"
#include "node/ctl/views.hpp"

#include <thread>

namespace plenary {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds pause{500};

void show(const ctl_session& session, const nlohmann::json& progress, std::ostream& out) {
  out << (session.arguments().json ? progress.dump() + "\n" : drain_view(progress)) << std::flush;
}

void show_gone(const ctl_session& session, const std::string& node, std::ostream& out) {
  if (session.arguments().json)
    out << nlohmann::json{{"node", node}, {"draining", false}, {"done", true}, {"state", "gone"}}.dump()
        << "\n";
  else
    out << node << ": it has left\n";
}

/// Asks until the node is done, gone or takes too long. A node that was asked about itself and does not
/// answer any more has left as well.
std::optional<ctl_trouble> wait_for(const ctl_session& session, const std::string& path, bool about_itself,
                                    std::ostream& out) {
  const auto& node = session.arguments().operands[0];
  auto deadline = steady_clock::now() + session.arguments().wait;
  std::string shown;
  for (;;) {
    auto progress = session.ask("GET", path);
    if (!progress) {
      auto status = progress.error().status;
      if (status == ctl_status::not_found || (status == ctl_status::no_answer && about_itself))
        return show_gone(session, node, out), std::nullopt;
      if (status != ctl_status::try_again)
        return progress.error();
    } else if (field_text(*progress, "state") == "lost") {
      return show_gone(session, node, out), std::nullopt; // it was quicker than the news of its draining
    } else {
      if (auto text = progress->dump(); text != shown)
        show(session, *progress, out), shown = text;
      if (is_true(*progress, "done"))
        return std::nullopt;
      if (field_text(*progress, "state") == "live" && !is_true(*progress, "draining"))
        return ctl_trouble{ctl_status::failed, "somebody has cancelled the drain"};
    }
    if (steady_clock::now() + pause > deadline)
      return ctl_trouble{ctl_status::try_again, "the node is not drained yet"};
    std::this_thread::sleep_for(pause);
  }
}

} // namespace

std::optional<ctl_trouble> run_drain(const ctl_session& session, std::ostream& out) {
  const auto& arguments = session.arguments();
  auto path = node_path(arguments.operands[0]) + "/drain";
  bool waits = arguments.wait.count() > 0;
  auto node = session.ask("GET", node_path(arguments.operands[0]));
  if (!node)
    return node.error();
  auto progress = session.ask(arguments.cancel ? "DELETE" : "POST", path);
  if (!progress)
    return progress.error();
  if (!waits) {
    show(session, *progress, out);
    return std::nullopt;
  }
  std::this_thread::sleep_for(pause); // its heartbeat tells the others that it drains
  return wait_for(session, path, is_true(*node, "self"), out);
}

} // namespace plenary
