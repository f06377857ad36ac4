#include "node/sip/stream_framer.hpp"
#include "node/sip/wire_message.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>

namespace plenary::sip_layer {

namespace {

using std::chrono::seconds;
using framer_kind = stream_framer::kind;
using lateness = stream_framer::lateness;

const stream_framer::time_point start{seconds(1000)};
const stream_patience patience{seconds(10), seconds(900)};

std::string options(std::size_t body, const std::string& more = {}) {
  return fmt::format("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n{}Content-Length: {}\r\n\r\n{}", more,
                     body, std::string(body, 'x'));
}

/// The kinds of everything that is complete: `m`, `p` or the status of a broken one.
std::string kinds(stream_framer& framer) {
  std::string all;
  while (const auto unit = framer.next(start))
    all += unit->what == framer_kind::message ? "m"
           : unit->what == framer_kind::ping  ? "p"
                                              : std::to_string(unit->answer.status);
  return all;
}

std::string kinds(std::string_view bytes) {
  stream_framer framer(start);
  framer.take(bytes, start);
  return kinds(framer);
}

TEST(StreamFramer, CutsTheSameUnitsHoweverTheBytesCome) {
  const unsigned seed = 4711;
  SCOPED_TRACE(seed);
  std::mt19937 random(seed);
  const auto stream =
      options(0) + "\r\n\r\n" + options(100) + "\r\n" + options(3) + "\r\n\r\n\r\n\r\n" + options(0);
  for (int round = 0; round < 500; ++round) {
    stream_framer framer(start);
    std::string all;
    for (std::size_t at = 0; at < stream.size();) {
      const auto size = std::min<std::size_t>(1 + random() % 60, stream.size() - at);
      framer.take(stream.substr(at, size), start);
      all += kinds(framer);
      at += size;
    }
    ASSERT_EQ(all, "mpmmppm");
  }
}

TEST(StreamFramer, FindsTheSamePingsAmongOddLineEndsHoweverTheyCome) {
  const std::string stream =
      "\n\r\n\r\n\r" + options(0) + "\n\n\r\r\n\r\n\r\n\r\n\n" + options(0) + "\r\n\r\n";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    stream_framer framer(start);
    std::string all;
    for (std::size_t at = 0; at < stream.size(); at += step) {
      framer.take(std::string_view(stream).substr(at, step), start);
      all += kinds(framer);
    }
    EXPECT_EQ(all, "pmppmp") << step;
  }
}

TEST(StreamFramer, GivesTheWholeMessage) {
  stream_framer framer(start);
  framer.take("\r\n" + options(5) + "more", start);

  const auto unit = framer.next(start);

  ASSERT_TRUE(unit);
  EXPECT_EQ(unit->bytes, options(5));
}

TEST(StreamFramer, BreaksWithoutALengthOrBeyondTheLimits) {
  EXPECT_EQ(kinds("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\n\r\n"), "400");
  EXPECT_EQ(kinds(options(0, "l: 0\r\n")), "400");
  EXPECT_EQ(kinds("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nl: -1\r\n\r\n"), "400");
  EXPECT_EQ(kinds("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nl: 1x\r\n\r\n"), "400");
  EXPECT_EQ(kinds("OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP a\r\nl: 99999999999999999999\r\n\r\n"), "513");
  EXPECT_EQ(kinds("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), "400");
  EXPECT_EQ(kinds(options(wire_limits::body_bytes)), "m");
  EXPECT_EQ(kinds(options(wire_limits::body_bytes + 1)), "513");
  const auto filler = [](std::size_t size) {
    return options(0, "A: " + std::string(size - options(0).size() - 5, 'x') + "\r\n");
  };
  EXPECT_EQ(kinds(filler(wire_limits::head_bytes)), "m");
  EXPECT_EQ(kinds(filler(wire_limits::head_bytes + 1)), "400");
  EXPECT_EQ(kinds(std::string(wire_limits::head_bytes, 'x')), "");
  EXPECT_EQ(kinds(std::string(wire_limits::head_bytes + 1, 'x')), "400");
}

TEST(StreamFramer, GivesTheFirstMessageTenSeconds) {
  stream_framer framer(start);

  EXPECT_EQ(framer.overdue(start + seconds(9), patience), lateness::none);
  EXPECT_EQ(framer.overdue(start + seconds(10), patience), lateness::slow);
  EXPECT_EQ(stream_framer(start, true).overdue(start + seconds(10), patience), lateness::none);
}

TEST(StreamFramer, GivesEachMessageTenSecondsFromItsFirstByte) {
  stream_framer framer(start);
  framer.take(options(0), start);
  EXPECT_EQ(kinds(framer), "m");
  const auto later = start + seconds(100);

  framer.take("O", later);
  kinds(framer);

  EXPECT_EQ(framer.overdue(later + seconds(9), patience), lateness::none);
  framer.take("PTIONS", later + seconds(9));
  kinds(framer);
  EXPECT_EQ(framer.overdue(later + seconds(10), patience), lateness::slow);
}

TEST(StreamFramer, EndsIdleConnectionsUnlessTheyPing) {
  stream_framer framer(start);
  framer.take(options(0), start);
  kinds(framer);
  EXPECT_EQ(framer.overdue(start + seconds(899), patience), lateness::none);
  EXPECT_EQ(framer.overdue(start + seconds(900), patience), lateness::idle);

  framer.take("\r\n\r\n", start + seconds(899));
  EXPECT_TRUE(framer.next(start + seconds(899)));

  EXPECT_EQ(framer.overdue(start + seconds(900), patience), lateness::none);
  EXPECT_EQ(framer.overdue(start + seconds(1799), patience), lateness::idle);
}

} // namespace

} // namespace plenary::sip_layer
