#pragma once

#include "node/ctl/ctl_session.hpp"

#include <optional>
#include <ostream>

namespace plenary {

/// Starts or cancels a drain; with `wait` asks every half second until the node has nothing left or is gone.
std::optional<ctl_trouble> run_drain(const ctl_session& session, std::ostream& out);

/// Writes the names of one kind of objects, one a line.
std::optional<ctl_trouble> run_names(const ctl_session& session, std::ostream& out);

/// Shows the table of nodes, again every two seconds until it is interrupted unless it is to be shown once.
std::optional<ctl_trouble> run_top(const ctl_session& session, std::ostream& out);

/// Tells how the machine and a configuration fit; `failed` when something would not work.
ctl_status run_doctor(const ctl_arguments& arguments, std::ostream& out);

} // namespace plenary
