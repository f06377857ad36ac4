#pragma once

#include "actors/audio/limiter.hpp"
#include "actors/audio/outbound_stream.hpp"
#include "schema/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace plenary::audio {

/// The stream of one listener who hears another mix than the shared one.
struct private_stream {
  static constexpr std::uint32_t nobody = UINT32_MAX;

  outbound_stream stream;
  limiter gain;
  std::uint32_t owner = nobody;
  std::uint32_t idle_ticks = 0; ///< since the owner last needed it
  float loudness = 1;           ///< at the end of the latest frame, see ear::loudness()
};

/// All listeners of a room whose encoding is equal: one shared stream, and a pool of private ones for those
/// who talk or have an ear of their own. Members and pool grow outside the tick; nothing else allocates.
class encoding_class {
public:
  /// `most_private`: private streams for talkers at most, whatever the number of members. `comfort`: silence
  /// is noise.
  encoding_class(const encoding& format, int complexity, std::size_t most_private, bool comfort);

  const encoding& format() const { return format_; }
  std::size_t members() const { return members_; }

  /// Makes room for one more member. Fails with `internal` when an encoder cannot be made.
  result<void> admit();

  /// One member less, who neither listens nor has a private stream any more.
  void dismiss() { --members_; }

  /// Makes room for the private stream of one more member with an ear of its own. Fails with `internal` when
  /// an encoder cannot be made.
  result<void> admit_ear();

  /// A member's ear is the shared one from now on.
  void dismiss_ear() { --ears_; }

  /// The member hears the shared stream from now on.
  void listen(std::uint32_t member);

  /// The member hears nothing from now on, neither the shared nor its private stream.
  void leave(std::uint32_t member);

  /// A listener of the shared stream gets its own, which goes on from the shared one's state and
  /// `shared_gain`. When the pool is used up, the member who has been idle longest goes back to the shared
  /// stream.
  void promote(std::uint32_t member, const limiter& shared_gain);

  /// The owner goes back to the shared stream.
  void demote(private_stream& stream);

  /// The private stream of a member, or null.
  private_stream* find(std::uint32_t member);

  outbound_stream& shared() { return *shared_; }
  std::span<const std::uint32_t> listeners() const { return listeners_; }
  std::span<private_stream> private_streams() { return pool_; }

private:
  result<outbound_stream> make_stream() const;
  result<void> grow_pool(std::size_t members, std::size_t ears);
  private_stream& longest_idle();

  encoding format_;
  int complexity_;
  std::size_t most_private_;
  bool comfort_;
  std::size_t members_ = 0;
  std::size_t ears_ = 0; ///< members with an ear of their own
  std::unique_ptr<outbound_stream> shared_;
  std::vector<private_stream> pool_;
  std::vector<std::uint32_t> listeners_;
};

} // namespace plenary::audio
