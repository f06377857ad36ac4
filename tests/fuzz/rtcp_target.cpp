// RTCP compounds (RFC 3550 section 6): whatever comes, what we build ourselves, and the figures in reports.
#include "actors/leg/rtcp.hpp"
#include "tests/fuzz/targets.hpp"

namespace plenary::fuzz::rtcp_target {

namespace {

constexpr std::size_t reception_bytes = 24;

void check_receptions(const rtcp::report& heard, rtcp::ntp_time now) {
  for (const auto& about : heard.receptions) {
    FUZZ_CHECK(about.cumulative_lost >= -(1 << 23) && about.cumulative_lost < 1 << 23);
    audio::reception_report referring;
    if (heard.sender)
      rtcp::refer_to(*heard.sender, now, now, referring);
    FUZZ_CHECK(referring.delay_since_sender_report == 0);
  }
}

void read_anything(bytes packet, rtcp::ntp_time now) {
  const auto read = rtcp::parse(packet);
  if (!read)
    return check_error(read.error());
  FUZZ_CHECK(!read->reports.empty());
  std::size_t receptions = 0;
  for (const auto& report : read->reports) {
    FUZZ_CHECK(report.receptions.size() <= 31);
    receptions += report.receptions.size();
    check_receptions(report, now);
    // What we understood can be said again and is understood alike.
    const auto again = rtcp::parse(rtcp::build(report, "cname"));
    FUZZ_CHECK(again && again->reports.size() == 1 && again->reports[0] == report);
  }
  FUZZ_CHECK(receptions * reception_bytes + read->left.size() * 4 + read->reports.size() * 8 <=
             packet.size());
}

void build_and_read(byte_source from) {
  rtcp::report told;
  told.ssrc = from.u32();
  if (from.flag())
    told.sender = rtcp::sender_info{from.u64(), from.u32(), from.u32(), from.u32()};
  for (auto count = from.below(32); count > 0; --count) {
    const auto lost = static_cast<std::int32_t>(from.u32() & 0xFFFFFFU) - (1 << 23);
    told.receptions.push_back(
        {from.u32(), from.byte(), lost, from.u32(), from.u32(), from.u32(), from.u32()});
  }
  const bool leaving = from.flag();
  const auto name = text_of(from.take(1 + from.below(400)));
  const auto packet = rtcp::build(told, name, leaving);
  FUZZ_CHECK(packet.size() % 4 == 0 && packet.size() < 1500);
  const auto read = rtcp::parse(packet);
  FUZZ_CHECK(read && read->reports.size() == 1 && read->reports[0] == told);
  FUZZ_CHECK(read->left.size() == (leaving ? 1U : 0U));
}

void run_rtcp(bytes input) {
  byte_source from{input};
  if (from.flag())
    return build_and_read(from);
  const auto now = from.u64();
  read_anything(from.rest(), now);
}

FUZZ_TARGET(.name = "rtcp", .run = run_rtcp);

} // namespace

} // namespace plenary::fuzz::rtcp_target
