#pragma once

#include "schema/result.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What the fuzz targets share: each target feeds one parser or machine with bytes and checks laws, not only
/// that nothing crashes.
namespace plenary::fuzz {

using bytes = std::span<const std::uint8_t>;

/// Ends the process with the broken law and its place; what libFuzzer takes for a crash.
[[noreturn]] void law_broken(const char* law, const char* file, int line);

/// What one input may cost at most; more is a finding like any other.
struct cost_limit {
  std::chrono::milliseconds processor{250}; ///< of this thread, with sanitizers
  std::size_t allocated = 256 * 1024;       ///< bytes in all, freed or not, whatever the input's size
  std::size_t allocated_per_byte = 64;      ///< and for each byte of input
};

/// One program of the folder.
struct target {
  std::string_view name;
  void (*run)(bytes input);
  /// Pieces of the input's language that the mutator puts together; empty: bytes are mutated blindly.
  std::span<const std::string_view> pieces{};
  cost_limit limit{};
};

/// Every target that is linked into this program.
std::vector<target>& targets();

/// Runs a target once and checks what the input cost.
void run_metered(const target& which, bytes input);

/// Puts the target into targets() when the program starts.
struct registration {
  explicit registration(const target& added) { targets().push_back(added); }
};

/// Numbers and texts off the front of an input; zeros and empty texts when it is used up.
class byte_source {
public:
  explicit byte_source(bytes from)
      : rest_(from) {}

  bool empty() const { return rest_.empty(); }
  std::uint8_t byte();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  /// 0 to `limit` - 1.
  std::size_t below(std::size_t limit) { return u16() % limit; }
  bool flag() { return (byte() & 1U) != 0; }
  /// Up to `size` bytes.
  bytes take(std::size_t size);
  /// Everything that is left.
  bytes rest() { return take(rest_.size()); }

private:
  bytes rest_;
};

inline std::string_view text_of(bytes input) {
  return {reinterpret_cast<const char*>(input.data()), input.size()};
}

/// True when the text is valid UTF-8.
bool is_utf8(std::string_view text);

/// What every error must keep, whatever came in: it says something, it is short (foreign text in it is cut to
/// 256 bytes), it is UTF-8 and so can stand in an event, and it holds no control character.
void check_error(const error& why);

} // namespace plenary::fuzz

#define FUZZ_CHECK(law) ((law) ? static_cast<void>(0) : ::plenary::fuzz::law_broken(#law, __FILE__, __LINE__))

/// Declares a target: FUZZ_TARGET(.name = "rtp", .run = run_rtp).
#define FUZZ_TARGET(...)                                                                                     \
  static const ::plenary::fuzz::registration plenary_fuzz_registration {                                     \
    ::plenary::fuzz::target {                                                                                \
      __VA_ARGS__                                                                                            \
    }                                                                                                        \
  }
