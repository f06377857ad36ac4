#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace plenary::fuzz {

/// Changes a text of a language that consists of `pieces`: puts one in, repeats a part so often that limits
/// are met, swaps, doubles or drops lines, cuts. Blind changes of bytes only ever meet a parser's first
/// check.
std::string mutate_text(std::string text, std::span<const std::string_view> pieces, std::uint64_t seed,
                        std::size_t max_size);

} // namespace plenary::fuzz
