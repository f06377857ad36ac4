#include "actors/audio/stage.hpp"
#include "golden_scene.hpp"

#include <gtest/gtest.h>

namespace plenary::audio {
namespace {

const encoding on_stage{codec_kind::pcmu, 0, 0, false, 0, false};

/// A stream to and from a telephone at that port.
std::shared_ptr<duplex_stream> stream_to(std::uint16_t port, std::shared_ptr<packet_ring> ring) {
  auto made = std::make_shared<duplex_stream>();
  made->receive = receive_stream::make(std::move(ring), {{0, codec_kind::pcmu}}, {}).value();
  send_settings settings;
  settings.ssrc = port;
  settings.clock_rate = 8000;
  settings.remote = make_endpoint("127.0.0.1", port).value();
  made->send = std::make_unique<rtp_sender>(settings, nullptr);
  made->format = on_stage;
  return made;
}

std::shared_ptr<duplex_stream> stream_to(std::uint16_t port) {
  return stream_to(port, std::make_shared<packet_ring>());
}

std::vector<std::uint16_t> ports_of(const packet_batch& batch) {
  std::vector<std::uint16_t> ports;
  for (const auto& each : batch.entries())
    ports.push_back(each.to.port);
  return ports;
}

void push_packet(packet_ring& ring) {
  packet_info info;
  info.arrival = simulation_start;
  info.ssrc = 1;
  ring.push(info, std::vector<std::uint8_t>(160));
}

/// Ticks a stage; gives where its packets go.
class ticking {
public:
  std::vector<std::uint16_t> tick(stage& of) {
    of.tick(now_, number_++);
    now_ += frame_duration;
    auto ports = ports_of(of.batch());
    of.batch().clear();
    return ports;
  }

private:
  mono_time now_ = simulation_start;
  std::uint64_t number_ = 100;
};

TEST(Stage, SendsForEveryStreamThatItHoldsAndForNoneThatItLetGo) {
  stage here{{}};
  stage there{{}};
  ticking clock;
  auto moving = stream_to(4000);
  const auto slot = here.add(moving, 1, {});
  here.add(stream_to(4002), 2, {}).value();

  EXPECT_EQ(clock.tick(here), (std::vector<std::uint16_t>{4000, 4002}));
  here.remove(*slot);
  there.add(moving, 1, {}).value();

  EXPECT_EQ(clock.tick(here), std::vector<std::uint16_t>{4002});
  EXPECT_EQ(clock.tick(there), std::vector<std::uint16_t>{4000});
}

TEST(Stage, LeavesAStreamThatItCannotTakeAsItWas) {
  stage full{{.max_participants = 1}};
  full.add(stream_to(4000), 1, {}).value();
  auto ring = std::make_shared<packet_ring>();
  auto late = stream_to(4002, ring);
  push_packet(*ring);

  const auto refused = full.add(late, 2, {});

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::limit_reached);
  late->receive->advance(simulation_start);
  EXPECT_EQ(late->receive->statistics().received, 1U) << "flushed, though it was not taken";
}

TEST(Stage, DropsWhatCameBeforeAStreamWasLentToIt) {
  stage room{{}};
  auto ring = std::make_shared<packet_ring>();
  push_packet(*ring);
  auto stream = stream_to(4000, ring);

  room.add(stream, 1, {}).value();
  ticking{}.tick(room);

  EXPECT_EQ(stream->receive->statistics().received, 0U);
}

TEST(Stage, SendsAsTheLatestChangeSays) {
  stage room{{}};
  ticking clock;
  const auto slot = room.add(stream_to(4000), 1, {}).value();
  stream_change away;
  away.send_to = stream_change::destination{make_endpoint("127.0.0.1", 5000).value(), 0, 0, 8000};
  stream_change hold;
  hold.can_hear = false;

  ASSERT_TRUE(room.change(slot, std::move(away)));
  EXPECT_EQ(clock.tick(room), std::vector<std::uint16_t>{5000});
  ASSERT_TRUE(room.change(slot, std::move(hold)));
  EXPECT_TRUE(clock.tick(room).empty());
}

TEST(Stage, ReceivesAndEncodesAsBeforeWhenAChangeDoesNotFit) {
  stage room{{}};
  auto stream = stream_to(4000);
  const auto* before = stream->receive.get();
  const auto slot = room.add(stream, 1, {}).value();
  stream_change impossible;
  impossible.receive =
      receive_stream::make(std::make_shared<packet_ring>(), {{0, codec_kind::pcmu}}, {}).value();
  impossible.format = encoding{.codec = static_cast<codec_kind>(9)};

  const auto refused = room.change(slot, std::move(impossible));

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::internal);
  EXPECT_EQ(stream->receive.get(), before) << "the mixer still plays this one";
  EXPECT_EQ(stream->format, on_stage);
  EXPECT_EQ(ticking{}.tick(room), std::vector<std::uint16_t>{4000});
}

TEST(Stage, TellsFiguresOfEachStreamInTheTimeOfItsTicks) {
  stage room{{}};
  ticking clock;
  const auto first = room.add(stream_to(4000), 1, {}).value();
  room.add(stream_to(4002), 2, {}).value();
  std::size_t of_first = 0;
  std::size_t all = 0;

  for (std::uint64_t number = 100; number < 1100; ++number) {
    clock.tick(room);
    for (const auto& each : room.figures_due(number)) {
      ++all;
      of_first += each.slot == first ? 1 : 0;
      EXPECT_GT(each.sent.packets, 20U) << "nothing is due at the beginning";
    }
  }

  EXPECT_GE(of_first, 4U);
  EXPECT_GT(all, of_first + 3);
  EXPECT_LE(all, 30U);
}

} // namespace
} // namespace plenary::audio
