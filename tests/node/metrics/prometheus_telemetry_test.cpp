#include "node/metrics/prometheus_telemetry.hpp"
#include "tests/support/generated_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>
#include <vector>

namespace plenary {
namespace {

using ::testing::ContainsRegex;
using ::testing::HasSubstr;

/// What a program prints on both outputs, and its exit status in the last line.
std::string output_of(const std::string& command) {
  std::string text;
  auto* pipe = ::popen((command + " 2>&1; echo \"exit $?\"").c_str(), "r");
  std::array<char, 4096> chunk;
  while (auto got = std::fread(chunk.data(), 1, chunk.size(), pipe))
    text.append(chunk.data(), got);
  ::pclose(pipe);
  return text;
}

TEST(PrometheusTelemetry, ShowsCountersWithTheirLabels) {
  prometheus_telemetry telemetry;

  telemetry.count(counter::calls_failed, 3);
  telemetry.count(counter::calls_started);

  auto text = telemetry.expose();
  EXPECT_THAT(text, HasSubstr("\nplenary_calls_ended_total{outcome=\"failed\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("\nplenary_calls_ended_total{outcome=\"completed\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nplenary_calls_started_total 1\n"));
}

TEST(PrometheusTelemetry, SetsAndMovesGauges) {
  prometheus_telemetry telemetry;

  telemetry.set(gauge::participants, 10);
  telemetry.add(gauge::participants, -3);

  EXPECT_THAT(telemetry.expose(), HasSubstr("\nplenary_room_participants 7\n"));
}

TEST(PrometheusTelemetry, PutsAnObservationIntoTheFirstBucketThatHoldsIt) {
  prometheus_telemetry telemetry;

  telemetry.observe(histogram::tick_lateness, 100e-6); // equal to a bound: `le` includes it
  telemetry.observe(histogram::tick_lateness, 101e-6);
  telemetry.observe(histogram::tick_lateness, 5.0);

  auto text = telemetry.expose();
  EXPECT_THAT(text, ContainsRegex("tick_lateness_seconds_bucket\\{le=\"5[^\"]*e-05\"\\} 0\n"));
  EXPECT_THAT(text, HasSubstr("tick_lateness_seconds_bucket{le=\"0.0001\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("tick_lateness_seconds_bucket{le=\"0.1\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("tick_lateness_seconds_bucket{le=\"+Inf\"} 3\n"));
  EXPECT_THAT(text, HasSubstr("tick_lateness_seconds_count 3\n"));
}

TEST(PrometheusTelemetry, LosesNothingWhenThreadsCountAtOnce) {
  prometheus_telemetry telemetry;
  std::vector<std::thread> threads;

  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&telemetry] {
      for (int i = 0; i < 10000; ++i) {
        telemetry.count(counter::packets_received);
        telemetry.add(gauge::legs_active, 1);
        telemetry.observe(histogram::mix_duration, 1.0);
      }
    });
  for (auto& thread : threads)
    thread.join();

  auto text = telemetry.expose();
  EXPECT_THAT(text, HasSubstr("\nplenary_media_packets_received_total 40000\n"));
  EXPECT_THAT(text, HasSubstr("\nplenary_legs_active 40000\n"));
  EXPECT_THAT(text, HasSubstr("\nplenary_mix_duration_seconds_sum 40000\n"));
}

TEST(PrometheusTelemetry, TellsAboutTheBuildAndTheProcess) {
  auto text = prometheus_telemetry{}.expose();

  EXPECT_THAT(text, HasSubstr("\nplenary_build_info{version=\"" PLENARY_VERSION "\",compiler=\""));
  EXPECT_THAT(text, ContainsRegex("\nprocess_resident_memory_bytes [1-9]"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_open_fds [1-9]"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_start_time_seconds 1[0-9]"));
  EXPECT_THAT(text, ContainsRegex("\nprocess_cpu_seconds_total [0-9]"));
}

TEST(PrometheusTelemetry, PassesPromtoolWithoutAComplaint) {
  auto path = std::filesystem::temp_directory_path() / ("plenary_metrics_" + std::to_string(::getpid()));
  std::ofstream{path} << prometheus_telemetry{}.expose();

  auto verdict = output_of("promtool check metrics < " + path.string());

  std::filesystem::remove(path);
  EXPECT_EQ(verdict, "exit 0\n");
}

TEST(MetricCatalogue, KeepsFamiliesConsistent) {
  std::set<std::pair<std::string_view, std::string_view>> series;
  for (const auto& entry : counter_catalogue()) {
    EXPECT_TRUE(entry.name.starts_with("plenary_") && entry.name.ends_with("_total")) << entry.name;
    EXPECT_TRUE(series.emplace(entry.name, entry.value).second) << entry.name << " " << entry.value;
    for (const auto& other : counter_catalogue())
      if (other.name == entry.name) {
        EXPECT_EQ(std::tie(other.help, other.label), std::tie(entry.help, entry.label)) << entry.name;
      }
  }
}

TEST(MetricCatalogue, BoundsGrow) {
  for (const auto& entry : histogram_catalogue())
    EXPECT_TRUE(std::is_sorted(entry.bounds.begin(), entry.bounds.end(), std::less_equal<>{})) << entry.name;
}

TEST(MetricCatalogue, IsTheOneThatTheDocumentShows) {
  auto generated = metrics_document();

  EXPECT_EQ(testing_support::generated_file("docs/metrics.md", generated), generated);
}

} // namespace
} // namespace plenary
