#pragma once

#include "node/config/configuration.hpp"

#include <string>
#include <vector>

namespace plenary {

/// What differs between two configurations, in names that hold no values.
struct configuration_changes {
  std::vector<std::string> live; ///< `sip.max_calls`, `application app_demo: webhook_secret`, `did 100 added`
  std::vector<std::string> fixed; ///< keys that a running node cannot change, for example `node.data_dir`
};

/// Compares every option; applications, numbers and trunks by their ids, whatever their order.
configuration_changes changes_between(const configuration& before, const configuration& after);

/// The names with commas, those behind the first `most` as a number of them.
std::string names_of_changes(const std::vector<std::string>& names, std::size_t most = 24);

} // namespace plenary
