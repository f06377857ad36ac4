#include "node/metrics/prometheus_telemetry.hpp"

#include "node/metrics/process_metrics.hpp"
#include "schema/result.hpp"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <vector>

namespace plenary {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily family(std::string_view name, std::string_view help, MetricType type) {
  return MetricFamily{std::string{name}, std::string{help}, type, {}};
}

MetricFamily build_info() {
  ClientMetric metric;
  metric.label = {{"version", PLENARY_VERSION}, {"compiler", __VERSION__}};
  metric.gauge.value = 1;
  auto info = family("plenary_build_info", build_info_help, MetricType::Gauge);
  info.metric.push_back(std::move(metric));
  return info;
}

void add_process_metrics(std::vector<MetricFamily>& families) {
  for (const auto& entry : process_catalogue()) {
    auto value = entry.read();
    if (!value)
      continue;
    ClientMetric metric;
    (entry.is_counter ? metric.counter.value : metric.gauge.value) = *value;
    families.push_back(
        family(entry.name, entry.help, entry.is_counter ? MetricType::Counter : MetricType::Gauge));
    families.back().metric.push_back(std::move(metric));
  }
}

} // namespace

/// Reads the cells once and lays them out as prometheus-cpp's families.
class metric_collector {
public:
  explicit metric_collector(const prometheus_telemetry& cells)
      : cells_(cells) {}

  std::vector<MetricFamily> families() const {
    std::vector<MetricFamily> all;
    add_counters(all);
    add_gauges(all);
    add_histograms(all);
    all.push_back(build_info());
    add_process_metrics(all);
    return all;
  }

private:
  /// Adds an entry's series to its family, which is made by the first of them.
  template <class Entry>
  static void add_series(std::vector<MetricFamily>& all, const Entry& entry, MetricType type,
                         ClientMetric metric) {
    auto found = std::find_if(all.begin(), all.end(), [&](const auto& f) { return f.name == entry.name; });
    if (found == all.end())
      found = all.insert(all.end(), family(entry.name, entry.help, type));
    if (!entry.label.empty())
      metric.label = {{std::string{entry.label}, std::string{entry.value}}};
    found->metric.push_back(std::move(metric));
  }

  void add_counters(std::vector<MetricFamily>& all) const {
    for (const auto& entry : counter_catalogue()) {
      ClientMetric metric;
      const auto& cell = cells_.counters_[static_cast<std::size_t>(entry.which)];
      metric.counter.value = static_cast<double>(cell.value.load(std::memory_order_relaxed));
      add_series(all, entry, MetricType::Counter, std::move(metric));
    }
  }

  void add_gauges(std::vector<MetricFamily>& all) const {
    for (const auto& entry : gauge_catalogue()) {
      ClientMetric metric;
      const auto& cell = cells_.gauges_[static_cast<std::size_t>(entry.which)];
      metric.gauge.value = cell.value.load(std::memory_order_relaxed);
      add_series(all, entry, MetricType::Gauge, std::move(metric));
    }
  }

  void add_histograms(std::vector<MetricFamily>& all) const {
    for (const auto& entry : histogram_catalogue()) {
      ClientMetric metric;
      const auto& cell = cells_.histograms_[static_cast<std::size_t>(entry.which)];
      std::uint64_t cumulative = 0;
      for (std::size_t i = 0; i <= entry.bounds.size(); ++i) {
        cumulative += cell.buckets[i].load(std::memory_order_relaxed);
        auto bound = i < entry.bounds.size() ? entry.bounds[i] : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back({cumulative, bound});
      }
      metric.histogram.sample_count = cumulative;
      metric.histogram.sample_sum = cell.sum.load(std::memory_order_relaxed);
      all.push_back(family(entry.name, entry.help, MetricType::Histogram));
      all.back().metric.push_back(std::move(metric));
    }
  }

  const prometheus_telemetry& cells_;
};

prometheus_telemetry::prometheus_telemetry() {
  for (const auto& entry : histogram_catalogue())
    PLENARY_ASSERT(entry.bounds.size() < max_buckets);
}

void prometheus_telemetry::count(counter which, std::uint64_t amount) noexcept {
  counters_[static_cast<std::size_t>(which)].value.fetch_add(amount, std::memory_order_relaxed);
}

void prometheus_telemetry::set(gauge which, double value) noexcept {
  gauges_[static_cast<std::size_t>(which)].value.store(value, std::memory_order_relaxed);
}

void prometheus_telemetry::add(gauge which, double difference) noexcept {
  gauges_[static_cast<std::size_t>(which)].value.fetch_add(difference, std::memory_order_relaxed);
}

void prometheus_telemetry::observe(histogram which, double seconds) noexcept {
  auto index = static_cast<std::size_t>(which);
  auto bounds = histogram_catalogue()[index].bounds;
  auto bucket = std::lower_bound(bounds.begin(), bounds.end(), seconds) - bounds.begin();
  auto& cell = histograms_[index];
  cell.buckets[static_cast<std::size_t>(bucket)].fetch_add(1, std::memory_order_relaxed);
  cell.sum.fetch_add(seconds, std::memory_order_relaxed);
}

std::string prometheus_telemetry::expose() const {
  std::ostringstream text;
  prometheus::TextSerializer{}.Serialize(text, metric_collector{*this}.families());
  return text.str();
}

} // namespace plenary
