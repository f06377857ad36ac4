#include "schema/peer_codec.hpp"

#include <array>

namespace plenary::wire {

namespace {

/// Our enumerators in the order of the wire's; the place in the list is the number on the wire.
constexpr std::array error_codes{errc::internal,
                                 errc::malformed,
                                 errc::unsupported,
                                 errc::unsupported_action,
                                 errc::not_acceptable,
                                 errc::not_found,
                                 errc::limit_reached,
                                 errc::unauthorized,
                                 errc::timeout,
                                 errc::network,
                                 errc::http_status,
                                 errc::unavailable,
                                 errc::conference_unavailable,
                                 errc::storage,
                                 errc::moved,
                                 errc::moving,
                                 errc::stale};
constexpr std::array phases{member_phase::joining, member_phase::live, member_phase::draining,
                            member_phase::held};
constexpr std::array open_reasons{open_reason::first_join, open_reason::owner_lost,
                                  open_reason::owner_drained, open_reason::merged};
constexpr std::array leave_reasons{leave_reason::requested, leave_reason::kicked, leave_reason::room_ended,
                                   leave_reason::room_lost};
constexpr std::array directions{call_direction::inbound, call_direction::outbound};

// The wire's numbers of these start at 1: 0 is `unknown`.
constexpr std::array statuses{call_status::queued,      call_status::dialing,   call_status::ringing,
                              call_status::in_progress, call_status::completed, call_status::busy,
                              call_status::no_answer,   call_status::failed,    call_status::canceled};
constexpr std::array endings{call_ending::caller, call_ending::api, call_ending::flow, call_ending::room,
                             call_ending::node};
constexpr std::array failures{failure_code::answer_url_failed,  failure_code::redirect_failed,
                              failure_code::unsupported_action, failure_code::conference_unavailable,
                              failure_code::not_acceptable,     failure_code::media_unavailable};
constexpr std::array policies{srtp_policy::off, srtp_policy::optional, srtp_policy::required};

template <class Wire, class Ours, std::size_t Size>
Wire number_of(const std::array<Ours, Size>& list, Ours value, std::uint16_t first = 0) {
  for (std::size_t i = 0; i < Size; ++i)
    if (list[i] == value)
      return static_cast<Wire>(i + first);
  return static_cast<Wire>(0);
}

/// Null for a number that the list does not have.
template <class Wire, class Ours, std::size_t Size>
const Ours* find(const std::array<Ours, Size>& list, Wire value, std::uint16_t first = 0) {
  auto number = static_cast<std::size_t>(static_cast<std::uint16_t>(value));
  return number < first || number - first >= Size ? nullptr : &list[number - first];
}

template <class Wire, class Ours, std::size_t Size>
Ours find_or_first(const std::array<Ours, Size>& list, Wire value) {
  const auto* found = find(list, value);
  return found == nullptr ? list[0] : *found;
}

std::optional<wall_time> optional_time(std::int64_t nanoseconds) {
  return nanoseconds == 0 ? std::nullopt : std::optional{wall_time_of(nanoseconds)};
}

std::int64_t optional_time(const std::optional<wall_time>& time) {
  return time ? nanoseconds_of(*time) : 0;
}

} // namespace

std::int64_t nanoseconds_of(wall_time time) {
  return time.time_since_epoch().count();
}

wall_time wall_time_of(std::int64_t nanoseconds) {
  return wall_time{std::chrono::nanoseconds{nanoseconds}};
}

void write(Identity::Builder to, const peer_identity& from) {
  to.setName(text_of(from.name.value));
  to.setAddress(text_of(from.address));
  to.setIncarnation(from.incarnation);
  to.setWeight(from.weight);
  to.setRegion(text_of(from.region));
  to.setVersion(text_of(from.version));
  to.setProtocol(from.protocol);
  to.setConfiguration(from.configuration);
  to.setShared(from.shared);
}

peer_identity read(Identity::Reader from) {
  return {{text_of(from.getName())}, text_of(from.getAddress()), from.getIncarnation(),
          from.getWeight(),          text_of(from.getRegion()),  text_of(from.getVersion()),
          from.getProtocol(),        from.getConfiguration(),    from.getShared()};
}

void write(Status::Builder to, const member_status& from) {
  to.setPhase(number_of<Phase>(phases, from.phase));
  to.setCallers(from.callers);
  to.setRooms(from.rooms);
  to.setCalls(from.calls);
  auto links = to.initLinks(static_cast<unsigned>(from.links.size()));
  for (unsigned i = 0; i < links.size(); ++i)
    write(links[i], from.links[i]);
  auto members = to.initMembers(static_cast<unsigned>(from.members.size()));
  for (unsigned i = 0; i < members.size(); ++i)
    members.set(i, text_of(from.members[i].value));
  auto customers = to.initCustomers();
  customers.setApplications(from.customers.applications);
  customers.setNumbers(from.customers.numbers);
}

member_status read(Status::Reader from) {
  member_status to{
      find_or_first(phases, from.getPhase()), from.getCallers(), from.getRooms(), from.getCalls(), {}};
  for (auto link : limited_list(from.getLinks()))
    to.links.push_back(read(link));
  for (auto member : limited_list(from.getMembers()))
    to.members.push_back({text_of(member)});
  to.customers = {from.getCustomers().getApplications(), from.getCustomers().getNumbers()};
  return to;
}

void write(RoomKey::Builder to, const room_key& from) {
  to.setCustomer(text_of(from.customer.value));
  to.setName(text_of(from.name));
}

room_key read(RoomKey::Reader from) {
  return {{text_of(from.getCustomer())}, text_of(from.getName())};
}

void write(LegName::Builder to, const leg_name& from) {
  to.setCall(text_of(from.call.value));
  to.setNumber(from.number);
}

leg_name read(LegName::Reader from) {
  return {{text_of(from.getCall())}, from.getNumber()};
}

void write(RoomPlace::Builder to, const room_place& from) {
  to.setOwner(text_of(from.owner.value));
  to.setEpoch(from.epoch);
}

room_place read(RoomPlace::Reader from) {
  return {{text_of(from.getOwner())}, from.getEpoch()};
}

void write(OwnedRoom::Builder to, const owned_room& from) {
  write(to.initKey(), from.key);
  to.setEpoch(from.epoch);
  to.setCreatedAt(nanoseconds_of(from.created_at));
}

owned_room read(OwnedRoom::Reader from) {
  return {read(from.getKey()), from.getEpoch(), wall_time_of(from.getCreatedAt())};
}

void write(SdpSession::Builder to, const sdp_session& from) {
  to.setId(from.id);
  to.setVersion(from.version);
  to.setLocal(text_of(from.local));
}

sdp_session read(SdpSession::Reader from) {
  return {from.getId(), from.getVersion(), text_of(from.getLocal())};
}

namespace {

void write_texts(capnp::List<Variable>::Builder to, const std::map<std::string, std::string>& from) {
  unsigned next = 0;
  for (const auto& [name, value] : from) {
    to[next].setName(text_of(name));
    to[next++].setValue(text_of(value));
  }
}

std::map<std::string, std::string> read_texts(capnp::List<Variable>::Reader from) {
  std::map<std::string, std::string> to;
  for (auto each : limited_list(from))
    to[text_of(each.getName())] = text_of(each.getValue());
  return to;
}

void write_caller(CallRecord::Builder to, const call_record& from) {
  to.setSipCallId(text_of(from.sip_call_id));
  to.setAssertedIdentity(text_of(from.caller.asserted_identity));
  to.setPrivacy(text_of(from.caller.privacy));
  to.setDivertedFrom(text_of(from.caller.diverted_from));
  to.setDiversionReason(text_of(from.caller.diversion_reason));
  write_texts(to.initHeaders(static_cast<unsigned>(from.caller.headers.size())), from.caller.headers);
  if (from.ended_by)
    to.setEndedBy(number_of<CallEnding>(endings, *from.ended_by, 1));
  if (from.error) {
    write(to.initError(), error{from.error->reason, from.error->detail});
    to.setFailure(number_of<FailureCode>(failures, from.error->code, 1));
  }
}

void read_caller(CallRecord::Reader from, call_record& to) {
  to.sip_call_id = text_of(from.getSipCallId());
  to.caller = {text_of(from.getAssertedIdentity()), text_of(from.getPrivacy()),
               text_of(from.getDivertedFrom()), text_of(from.getDiversionReason()),
               read_texts(from.getHeaders())};
  if (const auto* ending = find(endings, from.getEndedBy(), 1))
    to.ended_by = *ending;
  if (!from.hasError())
    return;
  auto [reason, detail] = read(from.getError());
  const auto* code = find(failures, from.getFailure(), 1);
  to.error = call_failure{code != nullptr ? *code : likely_code(to.cause ? to.cause->name : "", reason),
                          reason, std::move(detail)};
}

} // namespace

void write(CallRecord::Builder to, const call_record& from) {
  to.setId(text_of(from.id.value));
  to.setCustomer(text_of(from.customer.value));
  to.setApplication(text_of(from.application.value));
  to.setProviderCallId(text_of(from.provider_call_id));
  to.setStatus(number_of<CallStatus>(statuses, from.status, 1));
  to.setDirection(number_of<CallDirection>(directions, from.direction));
  to.setFrom(text_of(from.from));
  to.setTo(text_of(from.to));
  to.setNode(text_of(from.node.value));
  if (from.room)
    write(to.initRoom(), *from.room);
  to.setCreatedAt(nanoseconds_of(from.created_at));
  to.setAnsweredAt(optional_time(from.answered_at));
  to.setEndedAt(optional_time(from.ended_at));
  if (from.cause) {
    to.initCause().setQ850(from.cause->q850);
    to.getCause().setName(text_of(from.cause->name));
  }
  write_texts(to.initVariables(static_cast<unsigned>(from.variables.size())), from.variables);
  to.setLastSequence(from.last_sequence);
  write_caller(to, from);
}

call_record read(CallRecord::Reader from) {
  call_record to;
  to.id.value = text_of(from.getId());
  to.customer.value = text_of(from.getCustomer());
  to.application.value = text_of(from.getApplication());
  to.provider_call_id = text_of(from.getProviderCallId());
  to.direction = find_or_first(directions, from.getDirection());
  to.from = text_of(from.getFrom());
  to.to = text_of(from.getTo());
  to.node.value = text_of(from.getNode());
  if (from.hasRoom())
    to.room = read(from.getRoom());
  to.created_at = wall_time_of(from.getCreatedAt());
  to.answered_at = optional_time(from.getAnsweredAt());
  to.ended_at = optional_time(from.getEndedAt());
  const auto* status = find(statuses, from.getStatus(), 1);
  auto likely = to.ended_at ? call_status::completed : call_status::in_progress;
  to.status = status == nullptr ? likely : *status;
  if (from.hasCause())
    to.cause = hangup_cause{from.getCause().getQ850(), text_of(from.getCause().getName())};
  to.variables = read_texts(from.getVariables());
  to.last_sequence = from.getLastSequence();
  read_caller(from, to);
  return to;
}

void write(Error::Builder to, const error& from) {
  to.setCode(number_of<ErrorCode>(error_codes, from.code));
  to.setText(text_of(from.message));
}

error read(Error::Reader from) {
  return {find_or_first(error_codes, from.getCode()), text_of(from.getText())};
}

OpenReason to_wire(open_reason reason) {
  return number_of<OpenReason>(open_reasons, reason);
}

LeaveReason to_wire(leave_reason reason) {
  return number_of<LeaveReason>(leave_reasons, reason);
}

SrtpPolicy to_wire(srtp_policy policy) {
  return number_of<SrtpPolicy>(policies, policy, 1);
}

open_reason from_wire(OpenReason reason) {
  return find_or_first(open_reasons, reason);
}

leave_reason from_wire(LeaveReason reason) {
  return find_or_first(leave_reasons, reason);
}

result<srtp_policy> from_wire(SrtpPolicy policy) {
  if (const auto* known = find(policies, policy, 1))
    return *known;
  return fail(errc::unsupported, "this node's version does not know the asked SRTP policy");
}

std::size_t wire_size(const owned_room& room) {
  return struct_size + room.key.customer.value.size() + room.key.name.size();
}

std::size_t wire_size(const call_record& record) {
  auto size = 4 * struct_size + record.id.value.size() + record.customer.value.size() +
              record.application.value.size() + record.provider_call_id.size() + record.from.size() +
              record.to.size() + record.node.value.size();
  if (record.room)
    size += record.room->customer.value.size() + record.room->name.size();
  for (const auto* texts : {&record.variables, &record.caller.headers})
    for (const auto& [name, value] : *texts)
      size += struct_size + name.size() + value.size();
  size += record.sip_call_id.size() + record.caller.asserted_identity.size() + record.caller.privacy.size() +
          record.caller.diverted_from.size() + record.caller.diversion_reason.size();
  if (record.error)
    size += struct_size + record.error->detail.size();
  return size;
}

} // namespace plenary::wire
