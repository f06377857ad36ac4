#pragma once

#include "tests/integration/live_cluster.hpp"

namespace plenary::test {

/// To notice a silent node takes as long, so a call whose room or link was lost is silent for longer.
inline constexpr std::chrono::milliseconds undisturbed{1500};

/// How a program that ran to its end did.
struct finished_program {
  int status = -1; ///< -1: it did not end in time
  std::string output;
};

/// A cluster beside which a test runs, stops and starts again what nodes use: database, etcd, other nodes.
class ServicesCluster : public LiveCluster {
protected:
  using time_point = std::chrono::steady_clock::time_point;

  /// Milliseconds since then.
  static std::int64_t since(time_point then);
  /// A number of the n-th caller of a test.
  static std::string number_of(int caller);
  /// Sum of the metric's lines of one node; -1 when there is none.
  double metric(std::size_t index, const std::string& name);
  /// A member of the JSON document that the node gives at this target; null when it gives none.
  nlohmann::json told(std::size_t index, const std::string& target, const std::string& member);
  /// Asks with the operator's key.
  std::optional<http_message> as_operator(std::size_t index, const std::string& method,
                                          const std::string& target);
  /// A member of what one node says about another one at `/v1/nodes/NAME`.
  nlohmann::json told_of(std::size_t asked, const std::string& name, const std::string& member);
  /// Calls and hangs up; gives the status of the answer.
  int short_call(std::size_t index, const std::string& from);
  /// What has been told of each caller's only call, in order of arrival, such as
  /// `1 call.created, 2 call.answered`; events that were not acknowledged or came again do not count.
  std::map<std::string, std::string> stories() const;
  /// Links between nodes that went down, as the nodes logged it.
  int lost_links();
  /// True when both hear each other within 5 s.
  static bool meet(rtp_caller& one, double tone_of_one, rtp_caller& other, double tone_of_other);
  /// Waits for a line in the node's log that holds all of these texts.
  bool has_logged(plenaryd_process& node, const std::vector<std::string>& texts,
                  std::chrono::milliseconds timeout = std::chrono::seconds(30));
  /// Runs `plenaryctl` against this node with the operator's key.
  finished_program ctl(std::size_t index, std::vector<std::string> arguments);
};

} // namespace plenary::test
