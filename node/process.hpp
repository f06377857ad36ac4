#pragma once

#include "actors/edge/log.hpp"

namespace plenary {

/// What holds for the whole process and is set before anything else: files that it makes are its user's alone
/// (umask 077), and it may open as many descriptors as the system lets it, up to those that the SIP stack can
/// poll; the log says how many.
void prepare_process(logger& log);

} // namespace plenary
