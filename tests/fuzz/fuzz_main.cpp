// What libFuzzer calls: the one target that is linked into the program.
#include "tests/fuzz/targets.hpp"
#include "tests/fuzz/text_mutator.hpp"

#include <algorithm>

using plenary::fuzz::targets;

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  plenary::fuzz::run_metered(targets().front(), {data, size});
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  const auto pieces = targets().front().pieces;
  if (pieces.empty() || seed % 3 == 0)
    return LLVMFuzzerMutate(data, size, max_size);
  const auto changed =
      plenary::fuzz::mutate_text({reinterpret_cast<const char*>(data), size}, pieces, seed, max_size);
  std::copy(changed.begin(), changed.end(), data);
  return changed.size();
}
