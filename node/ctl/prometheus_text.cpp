#include "node/ctl/prometheus_text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>

namespace plenary {

namespace {

/// Reads one line from left to right.
class line_reader {
public:
  explicit line_reader(std::string_view line)
      : rest_(line) {}

  std::optional<metric_sample> read() {
    metric_sample sample;
    sample.name = take_while([](char c) { return c != '{' && c != ' ' && c != '\t'; });
    if (sample.name.empty() || (rest_.starts_with('{') && !read_labels(sample)))
      return std::nullopt;
    skip_blanks();
    auto text = take_while([](char c) { return c != ' ' && c != '\t'; });
    char* end = nullptr;
    sample.value = std::strtod(text.c_str(), &end); // reads +Inf and NaN as well
    if (text.empty() || end != text.c_str() + text.size())
      return std::nullopt;
    return sample;
  }

private:
  template <class Wanted>
  std::string take_while(Wanted wanted) {
    std::size_t size = 0;
    while (size < rest_.size() && wanted(rest_[size]))
      ++size;
    std::string taken{rest_.substr(0, size)};
    rest_.remove_prefix(size);
    return taken;
  }

  void skip_blanks() {
    take_while([](char c) { return c == ' ' || c == '\t'; });
  }

  bool skip(char wanted) {
    if (!rest_.starts_with(wanted))
      return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool read_labels(metric_sample& sample) {
    skip('{');
    while (!skip('}')) {
      auto name = take_while([](char c) { return c != '='; });
      std::string value;
      if (!skip('=') || !skip('"') || !read_value(value))
        return false;
      sample.labels[name] = std::move(value);
      skip(',');
    }
    return true;
  }

  bool read_value(std::string& value) {
    while (!rest_.empty() && !rest_.starts_with('"')) {
      bool escaped = skip('\\');
      if (rest_.empty())
        return false;
      value += escaped && rest_.front() == 'n' ? '\n' : rest_.front();
      rest_.remove_prefix(1);
    }
    return skip('"');
  }

  std::string_view rest_;
};

/// Upper bounds of a histogram's buckets and how much each holds, smaller ones included.
std::map<double, double> buckets_of(const std::vector<metric_sample>& samples, const std::string& name) {
  std::map<double, double> buckets;
  for (const auto& sample : samples)
    if (auto bound = sample.labels.find("le"); sample.name == name && bound != sample.labels.end())
      buckets[std::strtod(bound->second.c_str(), nullptr)] += sample.value;
  return buckets;
}

} // namespace

std::vector<metric_sample> read_prometheus_text(std::string_view text) {
  std::vector<metric_sample> samples;
  while (!text.empty()) {
    auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r'))
      line.remove_suffix(1);
    if (line.empty() || line.front() == '#')
      continue;
    if (auto sample = line_reader{line}.read())
      samples.push_back(std::move(*sample));
  }
  return samples;
}

std::optional<double> metric_value(const std::vector<metric_sample>& samples, std::string_view name) {
  std::optional<double> sum;
  for (const auto& sample : samples)
    if (sample.name == name)
      sum = sum.value_or(0) + sample.value;
  return sum;
}

std::optional<double> histogram_quantile(double q, std::string_view name,
                                         const std::vector<metric_sample>& before,
                                         const std::vector<metric_sample>& now) {
  auto family = std::string{name} + "_bucket";
  auto seen = buckets_of(now, family);
  for (const auto& [bound, count] : buckets_of(before, family))
    if (auto found = seen.find(bound); found != seen.end())
      found->second -= count;
  if (seen.empty() || !(seen.rbegin()->second > 0))
    return std::nullopt;
  auto wanted = q * seen.rbegin()->second;
  double lower = 0;
  double below = 0;
  for (const auto& [bound, count] : seen) {
    if (count >= wanted && count > below)
      return std::isinf(bound) ? lower : lower + (bound - lower) * (wanted - below) / (count - below);
    lower = bound;
    below = count;
  }
  return lower;
}

} // namespace plenary
