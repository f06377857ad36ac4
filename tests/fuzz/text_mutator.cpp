#include "tests/fuzz/text_mutator.hpp"

#include <algorithm>
#include <random>

namespace plenary::fuzz {

namespace {

class mutator {
public:
  mutator(std::string text, std::span<const std::string_view> pieces, std::uint64_t seed)
      : text_(std::move(text))
      , pieces_(pieces)
      , random_(seed) {}

  std::string run() {
    constexpr std::size_t longest = 16 * 1024; // a repetition of a repetition would grow without end
    for (auto times = 1 + below(3); times > 0; --times) {
      change();
      text_.resize(std::min(text_.size(), longest));
    }
    return std::move(text_);
  }

private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }
  std::size_t somewhere() { return below(text_.size() + 1); }
  std::string_view piece() { return pieces_[below(pieces_.size())]; }

  /// The start of the line that `at` is in.
  std::size_t line_start(std::size_t at) const {
    const auto end = at == 0 ? std::string::npos : text_.rfind('\n', at - 1);
    return end == std::string::npos ? 0 : end + 1;
  }

  std::string take_line() {
    const auto start = line_start(somewhere());
    const auto end = text_.find('\n', start);
    const auto size = end == std::string::npos ? text_.size() - start : end + 1 - start;
    const auto line = text_.substr(start, size);
    text_.erase(start, size);
    return line;
  }

  void change() {
    switch (below(9)) {
    case 0: // a piece anywhere
      text_.insert(somewhere(), piece());
      break;
    case 1: // a piece between lines
    case 2:
      text_.insert(line_start(somewhere()), piece());
      break;
    case 3: // a line elsewhere
      if (const auto line = take_line(); !line.empty())
        text_.insert(line_start(somewhere()), line);
      break;
    case 4: // without a line
      take_line();
      break;
    case 5: // a line or a part of one, often
      repeat();
      break;
    case 6: // a piece instead of a part
      replace();
      break;
    case 7: // one byte
      if (!text_.empty())
        text_[below(text_.size())] = static_cast<char>(below(256));
      break;
    default:
      text_.resize(somewhere());
      break;
    }
  }

  void repeat() {
    const auto start = below(2) == 0 ? line_start(somewhere()) : somewhere();
    const auto end = text_.find('\n', start);
    const auto whole = end == std::string::npos ? text_.size() - start : end + 1 - start;
    const auto part = text_.substr(start, below(2) == 0 ? whole : 1 + below(16));
    std::string many;
    for (auto times = std::size_t{1} << below(11); times > 0; --times)
      many += part;
    text_.insert(start, many);
  }

  void replace() {
    const auto at = somewhere();
    text_.erase(at, below(24));
    text_.insert(at, piece());
  }

  std::string text_;
  std::span<const std::string_view> pieces_;
  std::mt19937_64 random_;
};

} // namespace

std::string mutate_text(std::string text, std::span<const std::string_view> pieces, std::uint64_t seed,
                        std::size_t max_size) {
  auto changed = mutator{std::move(text), pieces, seed}.run();
  changed.resize(std::min(changed.size(), max_size));
  return changed;
}

} // namespace plenary::fuzz
