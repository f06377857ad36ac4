#pragma once

#include "actors/edge/telemetry.hpp"
#include "node/metrics/catalogue.hpp"

#include <atomic>
#include <memory>
#include <string>

namespace plenary {

/// The node's measurements as plain atomics; text for Prometheus is made only when somebody scrapes.
/// (prometheus-cpp's own histogram takes a mutex for each observation, which the audio path must not.)
class prometheus_telemetry final : public telemetry {
public:
  prometheus_telemetry();

  void count(counter which, std::uint64_t amount = 1) noexcept override;
  void set(gauge which, double value) noexcept override;
  void add(gauge which, double difference) noexcept override;
  void observe(histogram which, double seconds) noexcept override;

  /// Every metric in the Prometheus text format 0.0.4. Reads /proc; safe from every thread.
  std::string expose() const;

private:
  static constexpr std::size_t max_buckets = 16;

  /// One cache line each, so that threads that count different things do not slow one another.
  struct alignas(64) counter_cell {
    std::atomic<std::uint64_t> value{0};
  };
  struct alignas(64) gauge_cell {
    std::atomic<double> value{0};
  };
  struct alignas(64) histogram_cell {
    std::array<std::atomic<std::uint64_t>, max_buckets> buckets{}; ///< not cumulative; the last one is +Inf
    std::atomic<double> sum{0};
  };

  friend class metric_collector;

  std::array<counter_cell, counter_count> counters_;
  std::array<gauge_cell, gauge_count> gauges_;
  std::array<histogram_cell, histogram_count> histograms_;
};

} // namespace plenary
