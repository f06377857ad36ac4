#pragma once

#include <string>
#include <string_view>

namespace plenary {

/// A URL as a log line may show it: scheme, host, port and path, without user, query and fragment, which may
/// hold secrets; cut like every foreign text.
std::string shown_url(std::string_view url);

/// Scheme, host and port of a URL alone: paths of webhooks often hold secrets.
std::string shown_origin(std::string_view url);

} // namespace plenary
