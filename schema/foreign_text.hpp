#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plenary {

/// Bytes of a foreign text that an error, a log line or an event keeps at most.
inline constexpr std::size_t max_foreign_bytes = 256;

/// What came from outside, as it may stand in an error, a log line or an event: at most `most` bytes, cut
/// between characters; control characters and bytes that are no UTF-8 (RFC 3629) become U+FFFD. Costs no more
/// than `most` bytes of work, however long the text is.
std::string cut_foreign_text(std::string_view text, std::size_t most = max_foreign_bytes);

} // namespace plenary
