#pragma once

#include "actors/audio/frame.hpp"

#include <cstdint>
#include <memory>
#include <vector>

struct SpeexPreprocessState_;

namespace plenary::audio {

/// Takes the noise out of the sound of those who hold a place in the mix: steady noise under a voice by the
/// speexdsp preprocessor, and what is no voice at all, music or babble, by 14 dB more. Who is suppressed is
/// heard 10 ms later. The states are few and go to who needs one; only the constructor allocates.
class noise_suppression {
public:
  /// For so many voices at one time.
  explicit noise_suppression(std::size_t voices);
  ~noise_suppression();
  noise_suppression(const noise_suppression&) = delete;
  noise_suppression& operator=(const noise_suppression&) = delete;

  /// The speaker's frame of tick `number`, in place. `voice` is the probability that it is one, 0 to 1. Sound
  /// that begins to be suppressed is cross-faded into.
  void process(std::uint32_t speaker, float voice, std::uint64_t number, frame& pcm);

  /// The frame that follows those which were processed, now that the speaker is to be heard as it is: in
  /// place, and without a step. Does nothing to others.
  void finish(std::uint32_t speaker, std::uint64_t number, frame& pcm);

  /// The speaker's number may be used by another.
  void forget(std::uint32_t speaker);

private:
  struct closer {
    void operator()(SpeexPreprocessState_* state) const;
  };
  struct channel {
    std::unique_ptr<SpeexPreprocessState_, closer> state;
    bool used = false;
    std::uint32_t speaker = 0;
    std::uint64_t latest = 0;
    float gain = 1;

    void run(float voice, frame& pcm);
  };

  channel& channel_of(std::uint32_t speaker, std::uint64_t number);

  std::vector<channel> channels_;
  frame before_{};
};

} // namespace plenary::audio
