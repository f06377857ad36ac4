#include "actors/leg/digit_merger.hpp"

namespace plenary {

namespace {

std::uint8_t bit_of(digit_source source) {
  return static_cast<std::uint8_t>(1U << static_cast<unsigned>(source));
}

bool overlap(const key_press& a, const key_press& b, std::chrono::milliseconds apart) {
  return a.start < b.end + apart && b.start < a.end + apart;
}

} // namespace

bool digit_merger::is_new(const key_press& press) {
  if (auto* partner = partner_of(press)) {
    partner->sources |= bit_of(press.source);
    return false;
  }
  told_[next_] = {press, bit_of(press.source)};
  next_ = (next_ + 1) % told_.size();
  return true;
}

/// The press that another source has told of; one that overlaps before one that is near, older ones first.
digit_merger::told_press* digit_merger::partner_of(const key_press& press) {
  told_press* near = nullptr;
  for (std::size_t i = 0; i < told_.size(); ++i) {
    auto& each = told_[(next_ + i) % told_.size()];
    if (each.sources == 0 || each.press.digit != press.digit || each.press.source == press.source)
      continue;
    // A tone with a hole in it, lost packets, is two presses within one event.
    if (overlap(each.press, press, {}))
      return &each;
    if (near == nullptr && (each.sources & bit_of(press.source)) == 0 &&
        overlap(each.press, press, most_apart))
      near = &each;
  }
  return near;
}

} // namespace plenary
