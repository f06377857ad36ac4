// What peers say (schema/node.capnp): any bytes as any struct, and values of our own, whole and damaged on
// the way.
#include "schema/peer_codec.hpp"
#include "tests/fuzz/targets.hpp"

#include <capnp/serialize.h>
#include <kj/array.h>

#include <cmath>
#include <cstring>

namespace plenary::fuzz::link_message_target {

namespace {

/// As node/link reads: see session.cpp.
constexpr std::size_t largest_message = std::size_t{4} << 20;

capnp::ReaderOptions options() {
  capnp::ReaderOptions made;
  made.traversalLimitInWords = largest_message / sizeof(capnp::word);
  return made;
}

void normalise(peer_identity& value) {
  if (std::isnan(value.weight)) // equal to nothing, itself included
    value.weight = 0;
}
void normalise(member_status& value) {
  for (auto& link : value.links)
    normalise(link);
}
template <class Value>
void normalise(Value&) {}

bool same(const participant_snapshot& a, const participant_snapshot& b) {
  return a.call == b.call && a.how == b.how && a.speaking == b.speaking && a.joined_at == b.joined_at &&
         a.level_db == b.level_db && a.gain_db == b.gain_db;
}
template <class Value>
bool same(const Value& a, const Value& b) {
  return a == b;
}

/// What was read once is the same when it has crossed the wire once more.
template <class Wire>
void read_as(capnp::MessageReader& message) {
  auto value = wire::read(message.getRoot<Wire>());
  normalise(value);
  capnp::MallocMessageBuilder again;
  wire::write(again.initRoot<Wire>(), value);
  // Our own message may repeat what the peer's held once, and then be longer than one that we read.
  capnp::ReaderOptions unlimited;
  unlimited.traversalLimitInWords = std::uint64_t{1} << 40;
  auto flat = capnp::messageToFlatArray(again);
  capnp::FlatArrayMessageReader crossed{flat, unlimited};
  FUZZ_CHECK(same(wire::read(crossed.getRoot<Wire>()), value));
}

void read_any(capnp::MessageReader& message, std::size_t kind) {
  switch (kind) {
  case 0:
    return read_as<wire::Identity>(message);
  case 1:
    return read_as<wire::Status>(message);
  case 2:
    return read_as<wire::RoomKey>(message);
  case 3:
    return read_as<wire::LegName>(message);
  case 4:
    return read_as<wire::OwnedRoom>(message);
  case 5:
    return read_as<wire::SdpSession>(message);
  case 6:
    return read_as<wire::Participant>(message);
  case 7:
    return read_as<wire::CallRecord>(message);
  default:
    return read_as<wire::Error>(message);
  }
}

constexpr std::size_t kinds = 9;

std::string make_text(byte_source& from) {
  return std::string{text_of(from.take(from.below(40)))};
}

peer_identity make_identity(byte_source& from) {
  return {{make_text(from)}, make_text(from), from.u64(), double(from.u16()),
          make_text(from),   make_text(from), from.u32(), from.u64()};
}

member_status make_status(byte_source& from) {
  member_status made{static_cast<member_phase>(from.below(4)), from.u64(), from.u64(), from.u64(), {}, {}};
  for (auto count = from.below(4); count > 0; --count)
    made.links.push_back(make_identity(from));
  for (auto count = from.below(4); count > 0; --count)
    made.members.push_back({make_text(from)});
  return made;
}

call_record make_record(byte_source& from) {
  call_record made;
  made.id.value = make_text(from);
  made.customer.value = make_text(from);
  made.from = make_text(from);
  made.status = static_cast<call_status>(from.below(9));
  if (from.flag())
    made.room = room_key{{make_text(from)}, make_text(from)};
  made.created_at = wire::wall_time_of(static_cast<std::int64_t>(from.u64()));
  if (from.flag())
    made.cause = hangup_cause{from.u16(), make_text(from)};
  for (auto count = from.below(4); count > 0; --count)
    made.variables[make_text(from)] = make_text(from);
  made.sip_call_id = make_text(from);
  made.caller.asserted_identity = make_text(from);
  for (auto count = from.below(3); count > 0; --count)
    made.caller.headers[make_text(from)] = make_text(from);
  if (from.flag())
    made.ended_by = static_cast<call_ending>(from.below(5));
  if (from.flag())
    made.error = call_failure{.reason = static_cast<errc>(from.below(17)), .detail = make_text(from)};
  return made;
}

template <class Wire, class Value>
kj::Array<capnp::word> message_of(const Value& value) {
  capnp::MallocMessageBuilder message;
  wire::write(message.initRoot<Wire>(), value);
  auto flat = capnp::messageToFlatArray(message);
  capnp::FlatArrayMessageReader reader{flat, options()};
  FUZZ_CHECK(wire::read(reader.getRoot<Wire>()) == value);
  return flat;
}

kj::Array<capnp::word> made_message(std::size_t kind, byte_source& from) {
  switch (kind % 3) {
  case 0:
    return message_of<wire::Identity>(make_identity(from));
  case 1:
    return message_of<wire::Status>(make_status(from));
  default:
    return message_of<wire::CallRecord>(make_record(from));
  }
}

void read_words(kj::ArrayPtr<const capnp::word> words, std::size_t kind) {
  try {
    capnp::FlatArrayMessageReader message{words, options()};
    read_any(message, kind);
  } catch (const kj::Exception&) { // what the link's session closes the connection for
  }
}

void run_link_message(bytes input) {
  byte_source from{input};
  const auto choice = from.byte();
  const auto kind = choice % kinds;
  if (choice < 128) {
    const auto content = from.rest();
    auto words = kj::heapArray<capnp::word>(content.size() / sizeof(capnp::word));
    if (words.size() > 0)
      std::memcpy(words.begin(), content.data(), words.size() * sizeof(capnp::word));
    return read_words(words, kind);
  }
  auto words = made_message(kind, from);
  auto flat = words.asBytes();
  while (!from.empty())
    flat[from.u16() % flat.size()] ^= from.byte();
  read_words(words, kind % 3 == 2 ? 7 : kind % 3);
}

FUZZ_TARGET(.name = "link_message", .run = run_link_message,
            // A text that many pointers name is read each time, as far as the reader's limit goes.
            .limit = {.processor = std::chrono::milliseconds{1000}, .allocated = std::size_t{48} << 20});

} // namespace

} // namespace plenary::fuzz::link_message_target
