#include "actors/audio/encoding_class.hpp"

#include <algorithm>

namespace plenary::audio {

encoding_class::encoding_class(const encoding& format, int complexity, std::size_t most_private, bool comfort)
    : format_(format)
    , complexity_(complexity)
    , most_private_(most_private)
    , comfort_(comfort) {}

result<outbound_stream> encoding_class::make_stream() const {
  // The stream itself pauses in the room's silence. libopus's own DTX would also cut steady sounds that are
  // no speech to it: music, tones, a held vowel.
  auto codec_format = format_;
  codec_format.dtx = false;
  auto codec = make_encoder(codec_format, complexity_);
  if (!codec)
    return tl::unexpected(codec.error());
  auto comfort = comfort_loop::of(format_, comfort_);
  if (!comfort)
    return tl::unexpected(comfort.error());
  return outbound_stream{format_, std::move(*codec), *comfort};
}

result<void> encoding_class::admit() {
  if (!shared_) {
    auto stream = make_stream();
    if (!stream)
      return tl::unexpected(stream.error());
    shared_ = std::make_unique<outbound_stream>(std::move(*stream));
  }
  if (auto grown = grow_pool(members_ + 1, ears_); !grown)
    return grown;
  ++members_;
  listeners_.reserve(members_);
  return {};
}

result<void> encoding_class::admit_ear() {
  if (auto grown = grow_pool(members_, ears_ + 1); !grown)
    return grown;
  ++ears_;
  return {};
}

result<void> encoding_class::grow_pool(std::size_t members, std::size_t ears) {
  while (pool_.size() < ears + std::min(members - ears, most_private_)) {
    auto stream = make_stream();
    if (!stream)
      return tl::unexpected(stream.error());
    pool_.push_back({std::move(*stream), limiter{}});
  }
  return {};
}

void encoding_class::listen(std::uint32_t member) {
  // Nobody has heard the shared stream lately: its old state would be noise to a new decoder.
  if (listeners_.empty())
    shared_->reset();
  listeners_.push_back(member);
}

void encoding_class::leave(std::uint32_t member) {
  std::erase(listeners_, member);
  if (auto* own = find(member))
    own->owner = private_stream::nobody;
}

private_stream* encoding_class::find(std::uint32_t member) {
  const auto found = std::find_if(pool_.begin(), pool_.end(),
                                  [member](const private_stream& each) { return each.owner == member; });
  return found == pool_.end() ? nullptr : &*found;
}

private_stream& encoding_class::longest_idle() {
  return *std::max_element(pool_.begin(), pool_.end(), [](const private_stream& a, const private_stream& b) {
    return a.idle_ticks < b.idle_ticks;
  });
}

void encoding_class::promote(std::uint32_t member, const limiter& shared_gain) {
  auto* own = find(private_stream::nobody);
  if (own == nullptr) {
    own = &longest_idle();
    demote(*own);
  }
  own->stream.copy_from(*shared_);
  own->gain = shared_gain;
  own->owner = member;
  own->idle_ticks = 0;
  own->loudness = 1;
  std::erase(listeners_, member);
}

void encoding_class::demote(private_stream& stream) {
  // With no other listener the shared stream is free to continue this one.
  if (listeners_.empty())
    shared_->copy_from(stream.stream);
  listeners_.push_back(stream.owner);
  stream.owner = private_stream::nobody;
}

} // namespace plenary::audio
