#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace plenary::sip_layer {

/// A text of the other side in one line for people: at most `most` bytes, cut between characters, without
/// control characters, blanks and folds (RFC 3261 7.3.1) as one blank. Bytes that are not UTF-8 become
/// U+FFFD.
std::string readable(std::string_view text, std::size_t most = 256);

} // namespace plenary::sip_layer
