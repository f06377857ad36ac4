#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plenary {

/// One line of a scrape.
struct metric_sample {
  std::string name;
  std::map<std::string, std::string> labels;
  double value = 0;
};

/// The samples of a Prometheus text (format 0.0.4); comments and lines that do not follow it are left out.
std::vector<metric_sample> read_prometheus_text(std::string_view text);

/// The sum of all samples of that name, or nothing when there is none.
std::optional<double> metric_value(const std::vector<metric_sample>& samples, std::string_view name);

/// The quantile `q` (0 to 1) of what a histogram saw between two scrapes, read between the buckets' bounds as
/// PromQL's histogram_quantile does; nothing when it saw nothing. An empty `before` means from the start.
std::optional<double> histogram_quantile(double q, std::string_view name,
                                         const std::vector<metric_sample>& before,
                                         const std::vector<metric_sample>& now);

} // namespace plenary
