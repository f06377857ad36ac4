#pragma once

#include "actors/edge/telemetry.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>

namespace plenary {

/// One series of a counter family; series of equal name differ in the value of their one label.
struct counter_entry {
  counter which;
  std::string_view name;
  std::string_view label; ///< empty: the family has one series and no label
  std::string_view value; ///< of the label, out of a closed set
  std::string_view help;
};

/// One series of a gauge family, in the same manner.
struct gauge_entry {
  gauge which;
  std::string_view name;
  std::string_view label;
  std::string_view value;
  std::string_view help;
};

struct histogram_entry {
  histogram which;
  std::string_view name;
  std::string_view help;
  std::span<const double> bounds; ///< upper bounds in seconds, growing; `+Inf` is implied
};

inline constexpr std::size_t counter_count = static_cast<std::size_t>(counter::count_);
inline constexpr std::size_t gauge_count = static_cast<std::size_t>(gauge::count_);
inline constexpr std::size_t histogram_count = static_cast<std::size_t>(histogram::count_);

/// Every counter, in the order of its enumeration.
const std::array<counter_entry, counter_count>& counter_catalogue();

/// Every gauge, in the order of its enumeration.
const std::array<gauge_entry, gauge_count>& gauge_catalogue();

/// Every histogram, in the order of its enumeration.
const std::array<histogram_entry, histogram_count>& histogram_catalogue();

/// The text of docs/metrics.md.
std::string metrics_document();

} // namespace plenary
