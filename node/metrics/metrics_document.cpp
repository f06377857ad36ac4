#include "node/metrics/catalogue.hpp"
#include "node/metrics/process_metrics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace plenary {

namespace {

std::string row(std::string_view name, std::string_view type, std::string_view labels,
                std::string_view help) {
  return fmt::format("| `{}` | {} | {} | {} |\n", name, type, labels, help);
}

template <class Catalogue>
std::string label_set(const Catalogue& catalogue, std::string_view family) {
  std::string values;
  std::string_view label;
  for (const auto& entry : catalogue) {
    if (entry.name != family || entry.label.empty())
      continue;
    label = entry.label;
    values += fmt::format("{}`{}`", values.empty() ? "" : ", ", entry.value);
  }
  return label.empty() ? "" : fmt::format("`{}`: {}", label, values);
}

std::string bounds_text(std::span<const double> bounds) {
  return fmt::format("buckets {:g}", fmt::join(bounds, ", "));
}

template <class Catalogue>
std::string family_rows(const Catalogue& catalogue, std::string_view type) {
  std::string text;
  std::vector<std::string_view> done;
  for (const auto& entry : catalogue) {
    if (std::find(done.begin(), done.end(), entry.name) != done.end())
      continue;
    done.push_back(entry.name);
    text += row(entry.name, type, label_set(catalogue, entry.name), entry.help);
  }
  return text;
}

} // namespace

std::string metrics_document() {
  std::string text =
      "# Metrics\n\n"
      "Every metric of a node, as `GET /metrics` gives it. This file is generated from the catalogue\n"
      "in `node/metrics`; a test fails when the two differ.\n\n"
      "| name | type | labels or buckets | meaning |\n| --- | --- | --- | --- |\n";
  text += family_rows(counter_catalogue(), "counter");
  text += family_rows(gauge_catalogue(), "gauge");
  for (const auto& entry : histogram_catalogue())
    text += row(entry.name, "histogram", bounds_text(entry.bounds), entry.help);
  text += row("plenary_build_info", "gauge", "`version`, `compiler`", build_info_help);
  for (const auto& entry : process_catalogue())
    text += row(entry.name, entry.is_counter ? "counter" : "gauge", "", entry.help);
  return text;
}

} // namespace plenary
