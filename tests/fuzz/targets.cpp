#include "tests/fuzz/targets.hpp"

#include "schema/json.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) // of clang: g++ 12 comes without the header
#define PLENARY_COUNTS_ALLOCATIONS 1
#endif
#endif
#ifdef PLENARY_COUNTS_ALLOCATIONS
#include <sanitizer/allocator_interface.h>
#endif

namespace plenary::fuzz {

namespace {

/// Foreign text is cut to 256 bytes; as much again for our own words around it.
constexpr std::size_t longest_error = 512;

thread_local std::size_t allocated_bytes = 0;

#ifdef PLENARY_COUNTS_ALLOCATIONS
void on_allocation(const volatile void*, std::size_t size) {
  allocated_bytes += size;
}
void on_release(const volatile void*) {}
const bool counting = __sanitizer_install_malloc_and_free_hooks(on_allocation, on_release) != 0;
#else
const bool counting = false;
#endif

std::chrono::nanoseconds processor_time() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

} // namespace

void law_broken(const char* law, const char* file, int line) {
  std::fprintf(stderr, "broken law: %s at %s:%d\n", law, file, line);
  std::abort();
}

std::vector<target>& targets() {
  static std::vector<target> all;
  return all;
}

void run_metered(const target& which, bytes input) {
  // A page fault or a library's first use costs too: only what is dear three times is dear.
  constexpr int tries = 3;
  const auto most_allocated = which.limit.allocated + which.limit.allocated_per_byte * input.size();
  auto processor = std::chrono::nanoseconds::max();
  auto allocated = std::numeric_limits<std::size_t>::max();
  for (int i = 0; i < tries && (processor > which.limit.processor || allocated > most_allocated); ++i) {
    const auto allocated_before = allocated_bytes;
    const auto started = processor_time();
    which.run(input);
    processor = std::min(processor, processor_time() - started);
    allocated = std::min(allocated, counting ? allocated_bytes - allocated_before : 0);
  }
  const bool cost_is_bounded = processor <= which.limit.processor && allocated <= most_allocated;
  if (!cost_is_bounded)
    std::fprintf(stderr, "%zu bytes of input: %lld us, %zu bytes allocated\n", input.size(),
                 static_cast<long long>(processor / std::chrono::microseconds{1}), allocated);
  FUZZ_CHECK(cost_is_bounded);
}

std::uint8_t byte_source::byte() {
  const auto taken = take(1);
  return taken.empty() ? std::uint8_t{0} : taken[0];
}

std::uint16_t byte_source::u16() {
  const auto high = byte();
  return static_cast<std::uint16_t>(high << 8 | byte());
}

std::uint32_t byte_source::u32() {
  const std::uint32_t high = u16();
  return high << 16 | u16();
}

std::uint64_t byte_source::u64() {
  const std::uint64_t high = u32();
  return high << 32 | u32();
}

bytes byte_source::take(std::size_t size) {
  const auto taken = rest_.first(std::min(size, rest_.size()));
  rest_ = rest_.subspan(taken.size());
  return taken;
}

bool is_utf8(std::string_view text) {
  try {
    (void)nlohmann::json(text).dump();
    return true;
  } catch (const nlohmann::json::exception&) {
    return false;
  }
}

void check_error(const error& why) {
  FUZZ_CHECK(!why.message.empty());
  FUZZ_CHECK(why.message.size() <= longest_error);
  FUZZ_CHECK(is_utf8(why.message));
  FUZZ_CHECK(std::none_of(why.message.begin(), why.message.end(),
                          [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }));
}

} // namespace plenary::fuzz
