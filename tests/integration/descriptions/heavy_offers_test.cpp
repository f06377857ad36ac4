#include "tests/integration/live_node.hpp"

#include <poll.h>
#include <sys/socket.h>

namespace plenary::test::heavy_offers_test {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// As many lines of everything as may be, and one long value: nothing in it can be agreed on.
std::string heavy_sdp(std::size_t size) {
  std::string text = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n";
  for (int i = 0; i < 32; ++i)
    text += fmt::format("m=audio 4000 RTP/SAVP {} {}\r\n", 96 + i % 16, 112 + i % 16);
  for (int i = 0; i < 127; ++i)
    text += fmt::format("a=rtpmap:{} x/1\r\n", i);
  text += "a=fmtp:127 ";
  while (text.size() + 6 <= size)
    text += ";a=b=c";
  return text + std::string(size - text.size(), ' ');
}

std::string invite_over_tcp(int number, const std::string& sdp) {
  return fmt::format("INVITE sip:+15551230002@127.0.0.1 SIP/2.0\r\n"
                     "Via: SIP/2.0/TCP 127.0.0.1:5999;branch=z9hG4bKheavy{0}\r\n"
                     "Max-Forwards: 70\r\n"
                     "From: <sip:+15550000099@127.0.0.1>;tag=heavy{0}\r\n"
                     "To: <sip:+15551230002@127.0.0.1>\r\n"
                     "Call-ID: heavy-{0}\r\n"
                     "CSeq: 1 INVITE\r\n"
                     "Contact: <sip:heavy@127.0.0.1:5999;transport=tcp>\r\n"
                     "Content-Type: application/sdp\r\n"
                     "Content-Length: {1}\r\n\r\n",
                     number, sdp.size()) +
         sdp;
}

/// The status of the final answer that comes over the connection; 0 when none comes.
int final_status(const file_descriptor& connection) {
  std::string received;
  const auto deadline = std::chrono::steady_clock::now() + seconds{10};
  while (std::chrono::steady_clock::now() < deadline) {
    for (std::size_t at = 0; (at = received.find("SIP/2.0 ", at)) != std::string::npos; ++at)
      if (received.size() > at + 8 && received[at + 8] >= '2' && received[at + 8] <= '6')
        return std::atoi(received.c_str() + at + 8);
    if (!wait_readable(connection.get(), milliseconds{100}))
      continue;
    char buffer[4096];
    const auto size = recv(connection.get(), buffer, sizeof buffer, 0);
    if (size <= 0)
      return 0;
    received.append(buffer, static_cast<std::size_t>(size));
  }
  return 0;
}

class HeavyOffers : public LiveNode {
protected:
  /// Sends all at once; the final statuses.
  std::vector<int> offer(int count, std::size_t size) {
    std::vector<file_descriptor> connections;
    for (int i = 0; i < count; ++i)
      connections.push_back(connect_to(node->sip_tcp()));
    const auto sdp = heavy_sdp(size);
    for (const auto& connection : connections)
      EXPECT_TRUE(send_all(connection.get(), invite_over_tcp(++sent_, sdp)));
    std::vector<int> statuses;
    for (const auto& connection : connections)
      statuses.push_back(final_status(connection));
    return statuses;
  }

  double missed_ticks() const { return metric("plenary_mix_ticks_missed_total"); }

private:
  int sent_ = 0;
};

TEST_F(HeavyOffers, SixAtOnceMissNoTickOfARoom) {
  start();
  rtp_caller alice(caller(440, "+15550000001"));
  rtp_caller bob(caller(700, "+15550000002"));
  ASSERT_TRUE(alice.call());
  ASSERT_TRUE(bob.call());
  ASSERT_TRUE(alice.wait_for_tone(700));
  ASSERT_TRUE(bob.wait_for_tone(440));

  // A machine that is busy with something else may miss a tick of its own: one round of five is enough.
  std::string seen;
  bool undisturbed = false;
  for (int round = 0; round < 5 && !undisturbed; ++round) {
    alice.watch_silence();
    bob.watch_silence();
    const auto before = missed_ticks();
    EXPECT_THAT(offer(6, 16 * 1024), testing::Each(488)) << "as much as may be, and nothing to agree on";
    EXPECT_THAT(offer(6, 30'000), testing::Each(488)) << "more than a description may be";
    EXPECT_THAT(offer(6, 62'000), testing::Each(513)) << "more than a message may be";
    alice.listen(milliseconds{400});
    const auto silence = std::max(alice.longest_silence(), bob.longest_silence());
    const auto missed = missed_ticks() - before;
    undisturbed = missed == 0 && silence <= milliseconds{60};
    seen += fmt::format("missed {}, silent for {} ms; ", missed, silence.count());
  }

  EXPECT_TRUE(undisturbed) << seen;
  EXPECT_EQ(metric("plenary_work_refused_total"), 0);
}

} // namespace

} // namespace plenary::test::heavy_offers_test
