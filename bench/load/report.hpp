#pragma once

#include "bench/load/scenario.hpp"

#include <string>
#include <vector>

namespace plenary::load {

/// The scenario in a few characters, for example `1 x 50, T2, noise`.
std::string name_of(const scenario& ran);

/// Heading of the rows that row() writes.
std::string heading();

/// The scenario's last clean window beside its goal and the other servers' figures.
std::string row(const scenario_report& report);

/// True when what was heard is right, every call ended well, every webhook came, and the goal, where there is
/// one, was met.
bool is_good(const scenario_report& report);

/// All windows of all scenarios as a JSON array.
std::string to_json(const std::vector<scenario_report>& reports);

} // namespace plenary::load
