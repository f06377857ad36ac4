#pragma once

#include "node/ctl/prometheus_text.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace plenary {

/// One scrape of a node; empty when it did not answer.
struct node_scrape {
  std::chrono::steady_clock::time_point at{};
  std::vector<metric_sample> samples;
};

/// A node's line: figures of the time between two scrapes; what is not known is null in JSON.
struct top_row {
  std::string name;
  std::string state;
  std::optional<double> rooms;
  std::optional<double> participants;
  std::optional<double> calls;
  std::optional<double> lateness_p99_ms; ///< of the ticks' start
  std::optional<double> missed_ticks;
  std::optional<double> cpu_percent; ///< 100 is one core
};

top_row top_row_of(const nlohmann::json& node, const node_scrape& before, const node_scrape& now);

std::string top_view(const std::vector<top_row>& rows);
nlohmann::json top_json(const std::vector<top_row>& rows);

/// Where a node's API is, as far as can be told: at `self_url` for the node that was asked, else at the host
/// where it takes links with the scheme and port of `self_url`. Nothing when that is the asked node's own.
std::optional<std::string> guessed_url(const nlohmann::json& node, const std::string& self_url);

} // namespace plenary
