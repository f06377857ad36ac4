// SRTP and SRTCP (RFC 3711): garbage, STUN and DTLS are never taken; of a real stream that is cut, changed,
// repeated and put out of order, exactly what was sent is taken, and once.
#include "actors/audio/byte_order.hpp"
#include "actors/audio/rtp.hpp"
#include "actors/audio/srtp.hpp"
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace plenary::fuzz::srtp_target {

namespace {

using audio::srtp_session;
using packet = std::vector<std::uint8_t>;

constexpr std::size_t most_sent = 48; // far inside the replay window
constexpr std::uint16_t first_number = 65500;
constexpr std::size_t wraps_at = 65536 - first_number;

struct conversation {
  explicit conversation(audio::crypto_suite suite) {
    const audio::srtp_keys keys{suite, packet(audio::key_and_salt_size(suite), 7)};
    sender = *srtp_session::make(keys, srtp_session::direction::outbound);
    receiver = *srtp_session::make(keys, srtp_session::direction::inbound);
  }

  std::unique_ptr<srtp_session> sender;
  std::unique_ptr<srtp_session> receiver;
  std::vector<packet> plain;
  std::vector<packet> sent;
  std::vector<bool> taken;
};

void send_one(conversation& with, bytes payload) {
  const auto number = static_cast<std::uint16_t>(with.sent.size());
  audio::rtp_packet header;
  header.sequence_number = static_cast<std::uint16_t>(number + first_number);
  header.timestamp = std::uint32_t{number} * 160;
  header.ssrc = 1;
  const auto head = audio::write_rtp_header(header);
  packet made(head.begin(), head.end());
  made.insert(made.end(), payload.begin(), payload.end());
  with.plain.push_back(made);
  const auto size = made.size();
  made.resize(size + audio::max_srtp_overhead);
  const auto protected_size = with.sender->protect(made, size);
  FUZZ_CHECK(protected_size > size && protected_size <= made.size());
  made.resize(protected_size);
  with.sent.push_back(std::move(made));
  with.taken.push_back(false);
}

void deliver(conversation& with, std::size_t index) {
  auto arriving = with.sent[index];
  const auto size = with.receiver->unprotect(arriving);
  // Who heard nothing before the numbers wrapped cannot know that they did (RFC 3711 section 3.3.1).
  const bool lost_the_wrap =
      index >= wraps_at && std::find(with.taken.begin(), with.taken.end(), true) == with.taken.end();
  if (lost_the_wrap) {
    FUZZ_CHECK(size == 0);
    return;
  }
  FUZZ_CHECK((size == 0) == with.taken[index]);
  if (size == 0)
    return;
  FUZZ_CHECK(size == with.plain[index].size());
  FUZZ_CHECK(std::equal(with.plain[index].begin(), with.plain[index].end(), arriving.begin()));
  with.taken[index] = true;
}

void deliver_changed(conversation& with, std::size_t index, byte_source& from) {
  auto arriving = with.sent[index];
  if (from.flag())
    arriving.resize(from.below(arriving.size()));
  else
    arriving[from.below(arriving.size())] ^= static_cast<std::uint8_t>(1 + from.below(255));
  FUZZ_CHECK(with.receiver->unprotect(arriving) == 0);
}

void deliver_garbage(conversation& with, byte_source& from) {
  const auto content = from.take(from.below(200));
  packet garbage(content.begin(), content.end());
  auto again = garbage;
  FUZZ_CHECK(with.receiver->unprotect(garbage) == 0);
  FUZZ_CHECK(with.receiver->unprotect_rtcp(again) == 0);
}

void run_srtp(bytes input) {
  byte_source from{input};
  conversation with{from.flag() ? audio::crypto_suite::aead_aes_128_gcm
                                : audio::crypto_suite::aes_cm_128_hmac_sha1_80};
  while (!from.empty()) {
    const auto choice = from.below(5);
    if (choice == 0 && with.sent.size() < most_sent)
      send_one(with, from.take(from.below(200)));
    else if (choice == 1)
      deliver_garbage(with, from);
    else if (with.sent.empty())
      continue;
    else if (choice == 2)
      deliver_changed(with, from.below(with.sent.size()), from);
    else
      deliver(with, from.below(with.sent.size()));
  }
}

FUZZ_TARGET(.name = "srtp", .run = run_srtp, .limit = {.allocated_per_byte = 1024});

} // namespace

} // namespace plenary::fuzz::srtp_target
