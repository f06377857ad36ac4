// What a room sends is fixed to the bit: hashes of every packet of scenes in which callers come, go, speak in
// turns and at once, are muted, held and change codecs. Whoever changes how a room is put together must not
// change them; whoever means to change its sound puts the new hashes here.
#include "golden_scene.hpp"
#include "mixed_room.hpp"

#include <gtest/gtest.h>
#include <opus/opus.h>

#include <string_view>

namespace plenary::audio {
namespace {

encoding in_packets_of(encoding format, int milliseconds_each) {
  format.ptime = milliseconds{milliseconds_each};
  return format;
}

stream_change recoding(const encoding& format, std::uint16_t port) {
  stream_change what;
  what.format = format;
  what.send_to = stream_change::destination{make_endpoint("127.0.0.1", port).value(), 3,
                                            payload_type_of(format.codec), rtp_clock_rate(format.codec)};
  return what;
}

stream_change holding(bool held) {
  stream_change what;
  what.can_speak = what.can_hear = !held;
  return what;
}

/// Everything that happens to a room, with `wide` for those who hear and speak in Opus, if it has any.
void play(golden_scene& scene, const encoding& wide) {
  const auto kind = wide.codec;
  scene.join("alice", {.format = wide, .speaks = kind, .when = 0b0101101, .jitter = milliseconds{15}});
  scene.join("bob", {.format = pcmu_format, .speaks = codec_kind::pcmu, .when = 0b0110110, .loss = 0.05});
  scene.run(60);
  scene.join("carol", {.format = g722_format, .speaks = codec_kind::g722, .when = 0b1011010});
  scene.join("dave", {.format = in_packets_of(pcma_format, 10), .speaks = codec_kind::pcma, .when = 0b111});
  scene.join("erin", {.format = wide, .speaks = kind, .suite = crypto_suite::aead_aes_128_gcm});
  scene.join("frank", {.format = in_packets_of(wide, 60), .speaks = kind, .when = 0b1100, .loss = 0.1});
  scene.run(70);
  scene.mute("bob", true);
  scene.set_level("carol", {.automatic = false, .gain_db = -6});
  scene.run(25);
  scene.mute("bob", false);
  scene.change("alice", holding(true));
  scene.run(20);
  scene.change("alice", holding(false));
  scene.change("erin", recoding(pcma_format, 5555));
  scene.leave("dave");
  scene.run(40);
  scene.join("grace", {.format = wide,
                       .speaks = kind,
                       .when = 0b11011,
                       .jitter = milliseconds{30},
                       .suite = crypto_suite::aes_cm_128_hmac_sha1_80});
  scene.run(110);
  scene.leave("alice");
  scene.leave("frank");
  scene.run(60);
}

struct golden {
  const char* name;
  mixer_config config;
  std::uint64_t hash;
};

void expect_hashes(const encoding& wide, std::span<const golden> cases) {
  for (const auto& [name, config, hash] : cases) {
    golden_scene scene{config};
    play(scene, wide);
    EXPECT_EQ(scene.hash(), hash) << name << fmt::format(": 0x{:016x}", scene.hash());
    EXPECT_GT(scene.packets(), 1500U) << name;
  }
}

TEST(GoldenMix, OfTelephoneCodecsIsTheSameToTheBit) {
  constexpr std::array<golden, 3> cases{
      {{"two places", {.loudest = 2}, 0x1639703f920f3ad4},
       {"five places", {.loudest = 5}, 0x98e2b1e358395e74},
       {"everything on",
        {.loudest = 3, .noise_suppression = true, .levelling = true, .comfort_noise = true},
        0x75114a17c7b60e51}}};
  expect_hashes(g722_format, cases);
}

TEST(GoldenMix, OfOpusIsTheSameToTheBit) {
#ifdef __x86_64__
  if (std::string_view{opus_get_version_string()} != "libopus 1.3.1")
#endif
    GTEST_SKIP() << "Opus codes the same sound in other bits here: " << opus_get_version_string();
  constexpr std::array<golden, 3> cases{
      {{"two places", {.loudest = 2}, 0x5fcd11da763150a2},
       {"five places", {.loudest = 5}, 0xeea3e281df4056e1},
       {"everything on",
        {.loudest = 3, .noise_suppression = true, .levelling = true, .comfort_noise = true},
        0xb74c5a27aa250cc9}}};
  expect_hashes(opus_format, cases);
}

} // namespace
} // namespace plenary::audio
