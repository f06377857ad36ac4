#pragma once

#include "schema/result.hpp"

#include <string>
#include <string_view>

namespace plenary {

/// The script that completes plenaryctl's words in `bash`, `zsh` or `fish`; `malformed` for other shells.
result<std::string> completion_script(std::string_view shell);

} // namespace plenary
