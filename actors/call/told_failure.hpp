#pragma once

#include "schema/call_failure.hpp"
#include "schema/result.hpp"

namespace plenary {

/// A failure as customers may see it: its sentence bounded, printable, and nothing of what libraries say.
call_failure told_failure(failure_code code, const error& why);

} // namespace plenary
