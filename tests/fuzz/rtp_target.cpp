// RTP packets (RFC 3550): whatever comes, and well-formed ones that are put together from the input.
#include "actors/audio/rtp.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <optional>

namespace plenary::fuzz::rtp_target {

namespace {

bool is_inside(bytes part, bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_round_trip(const audio::rtp_packet& packet) {
  const auto header = audio::write_rtp_header(packet);
  std::vector<std::uint8_t> again(header.begin(), header.end());
  again.insert(again.end(), packet.payload.begin(), packet.payload.end());
  const auto read = audio::parse_rtp(again);
  FUZZ_CHECK(read.has_value());
  FUZZ_CHECK(read->payload_type == packet.payload_type && read->marker == packet.marker);
  FUZZ_CHECK(read->sequence_number == packet.sequence_number && read->timestamp == packet.timestamp);
  FUZZ_CHECK(read->ssrc == packet.ssrc && !read->level);
  FUZZ_CHECK(
      std::equal(read->payload.begin(), read->payload.end(), packet.payload.begin(), packet.payload.end()));
}

void read_anything(bytes packet, std::uint8_t level_extension) {
  const auto read = audio::parse_rtp(packet, level_extension);
  if (!read)
    return check_error(read.error());
  FUZZ_CHECK(packet.size() >= 12 && packet[0] >> 6 == 2);
  FUZZ_CHECK(is_inside(read->payload, packet) && read->payload.size() <= packet.size() - 12);
  FUZZ_CHECK(read->payload_type < 128);
  FUZZ_CHECK(!read->level || (*read->level < 128 && level_extension != 0));
  check_round_trip(*read);
  // The header alone decides: what the extension is asked for changes nothing else.
  const auto without = audio::parse_rtp(packet, 0);
  FUZZ_CHECK(without && without->payload.data() == read->payload.data());
  FUZZ_CHECK(without->payload.size() == read->payload.size());
}

/// A header extension of the one-byte form (RFC 8285 section 4.2) and the level that it carries.
struct made_extension {
  std::vector<std::uint8_t> words;
  std::optional<std::uint8_t> level;
};

made_extension make_extension(byte_source& from, std::uint8_t level_id) {
  made_extension made;
  for (auto elements = from.below(6); elements > 0; --elements) {
    const auto id = 1 + from.below(14);
    const auto content = from.take(1 + from.below(16));
    if (content.empty())
      break;
    made.words.push_back(static_cast<std::uint8_t>(id << 4 | (content.size() - 1)));
    made.words.insert(made.words.end(), content.begin(), content.end());
    if (id == level_id && !made.level)
      made.level = static_cast<std::uint8_t>(content[0] & 0x7F);
    if (from.flag())
      made.words.push_back(0); // padding between elements
  }
  while (made.words.size() % 4 != 0)
    made.words.push_back(0);
  return made;
}

/// What is put together by the book is read as what it is.
void read_well_formed(byte_source from) {
  const auto level_id = static_cast<std::uint8_t>(1 + from.below(14));
  const auto contributors = from.below(16);
  const bool extended = from.flag();
  const auto padding = static_cast<std::uint8_t>(from.below(256));
  const unsigned first = 0x80U | (padding > 0 ? 0x20U : 0U) | (extended ? 0x10U : 0U);
  std::vector<std::uint8_t> packet{static_cast<std::uint8_t>(first | contributors)};
  for (std::size_t i = 1; i < 12 + 4 * contributors; ++i)
    packet.push_back(from.byte());
  made_extension extension;
  if (extended) {
    extension = make_extension(from, level_id);
    const auto words = extension.words.size() / 4;
    packet.insert(packet.end(),
                  {0xbe, 0xde, static_cast<std::uint8_t>(words >> 8), static_cast<std::uint8_t>(words)});
    packet.insert(packet.end(), extension.words.begin(), extension.words.end());
  }
  const auto payload = from.take(from.below(1500));
  packet.insert(packet.end(), payload.begin(), payload.end());
  packet.insert(packet.end(), padding, padding);

  const auto read = audio::parse_rtp(packet, level_id);
  FUZZ_CHECK(read.has_value());
  FUZZ_CHECK(std::equal(read->payload.begin(), read->payload.end(), payload.begin(), payload.end()));
  FUZZ_CHECK(read->level == extension.level);
}

void run_rtp(bytes input) {
  byte_source from{input};
  const auto choice = from.byte();
  if (choice >= 0x80)
    return read_well_formed(from);
  const auto packet = from.rest();
  read_anything(packet, choice & 0x0F);
  FUZZ_CHECK(!audio::is_rtcp(packet) || (packet[1] >= 192 && packet[1] <= 223));
}

FUZZ_TARGET(.name = "rtp", .run = run_rtp);

} // namespace

} // namespace plenary::fuzz::rtp_target
