#include "golden_scene.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>

#if defined(__SANITIZE_ADDRESS__)

// From the sanitizer runtime; g++ 12 does not install the header.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*on_malloc)(const volatile void*, std::size_t),
                                                         void (*on_free)(const volatile void*));

namespace plenary::audio {
namespace {

// Counts every malloc of the process, those of the codec libraries too.
bool counting = false;
int allocations = 0;

void on_allocation(const volatile void*, std::size_t) {
  allocations += counting || golden_scene::ticks ? 1 : 0;
}

void on_release(const volatile void*) {
  allocations += counting || golden_scene::ticks ? 1 : 0;
}

/// Sources and sinks that allocate nothing themselves.
struct still_source final : frame_source {
  explicit still_source(const frame& sound)
      : pcm(sound) {}
  preview advance(mono_time) override { return {talks, false, std::nullopt, 160}; }
  void decode(frame& out) override { out = pcm; }
  frame pcm;
  bool talks = false;
};

struct still_sink final : frame_sink {
  void send(std::span<const std::uint8_t>, std::uint64_t, bool) override { ++payloads; }
  void send_second(std::span<const std::uint8_t>, std::uint64_t) override { ++payloads; }
  int payloads = 0;
};

TEST(Mixer, AllocatesNothingOnATick) {
  static const bool installed = __sanitizer_install_malloc_and_free_hooks(on_allocation, on_release) != 0;
  ASSERT_TRUE(installed);
  mixer room{{2, 5, 100}};
  std::vector<std::unique_ptr<still_source>> sources;
  std::vector<std::unique_ptr<still_sink>> sinks;
  std::vector<encoding> formats{opus_format, g722_format, pcmu_format, pcma_format};
  for (int time : {10, 60})
    for (std::size_t i = 0; i < 3; ++i) {
      formats.push_back(formats[i]);
      formats.back().ptime = std::chrono::milliseconds{time};
    }
  for (std::size_t i = 0; i < 40; ++i) {
    sources.push_back(std::make_unique<still_source>(tone{300 + 50.0 * static_cast<double>(i), 9000}.next()));
    sinks.push_back(std::make_unique<still_sink>());
    const ear hears{i % 3 != 0, i % 5 == 0 ? 0.5F : 1.0F};
    ASSERT_TRUE(
        room.add({sources.back().get(), sinks.back().get(), formats[i % formats.size()], false, {}, hears}));
  }

  counting = true;
  mono_time now{};
  for (std::size_t number = 0; number < 300; ++number) {
    // Silence, then talkers who take turns, more at once than there are places, then silence.
    for (std::size_t i = 0; i < sources.size(); ++i)
      sources[i]->talks = number > 50 && number < 250 && (number / 15 + i) % 10 == 0;
    room.tick(now, number);
    now += frame_duration;
  }
  counting = false;

  EXPECT_EQ(allocations, 0);
  EXPECT_GT(sinks[10]->payloads, 100) << "Opus, heard with a gain";
}

/// In plain RTP: NSS, by which libsrtp encrypts, allocates for each packet by itself.
TEST(Stage, AllocatesNothingOnATick) {
  static const bool installed = __sanitizer_install_malloc_and_free_hooks(on_allocation, on_release) != 0;
  ASSERT_TRUE(installed);
  golden_scene scene{{.loudest = 2, .noise_suppression = true, .levelling = true, .comfort_noise = true}};
  scene.join("alice", {.format = opus_format, .when = 0b101, .loss = 0.1, .jitter = milliseconds{15}});
  scene.join("bob", {.format = pcmu_format, .speaks = codec_kind::pcmu, .when = 0b110});
  scene.join("carol", {.format = g722_format, .speaks = codec_kind::g722, .when = 0b011});

  allocations = 0;
  scene.run(300);

  EXPECT_EQ(allocations, 0);
  EXPECT_GT(scene.packets(), 600U);
  EXPECT_GT(scene.figures(), 3U);
}

} // namespace
} // namespace plenary::audio
#endif
