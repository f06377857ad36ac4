@0xbaad5c2e565204e9;
# What Plenary nodes say to each other (Cap'n Proto RPC over mutual TLS 1.3; see docs/adr/0005).
#
# Order: calls of one link arrive in the order in which they were sent; answers may come in any order.
# Loss: nothing is lost while a link lives. When it ends, every call without an answer fails, and such a call
#   may or may not have been carried out: every request may be repeated without harm or carries an epoch.
# Lifetime: a capability (Room, Call, ...) is a name bound to a link and dies with it. Nobody keeps one: each
#   request looks it up again, and because of pipelining that costs no round trip.
# Versions: fields, methods and enumerants are only ever added at the end. An older node ignores new fields and
#   answers new methods with UNIMPLEMENTED (error `unsupported`); an unknown enumerant or member of a union is read
#   as the first. Two nodes speak by the older of their two protocols (`Identity.protocol`): what both have a newer
#   method for goes by it.
# Sizes: senders keep messages below 64 KiB (longer lists go in parts); receivers read at most 4 MiB.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("plenary::wire");

enum ErrorCode {
  internal @0;
  malformed @1;
  unsupported @2;
  unsupportedAction @3;
  notAcceptable @4;
  notFound @5;
  limitReached @6;
  unauthorized @7;
  timeout @8;
  network @9;
  httpStatus @10;
  unavailable @11;
  conferenceUnavailable @12;
  storage @13;
  moved @14;
  moving @15;
  stale @16;
}

struct Error {
  code @0 :ErrorCode;
  text @1 :Text; # for people; never a secret
}

# Every answer: application errors are values, never exceptions.
struct Outcome(Value) {
  union {
    error @0 :Error;
    value @1 :Value;
  }
}

struct Done {}

# -- who is who -----------------------------------------------------------------------------------------------

struct Identity {
  name @0 :Text;
  address @1 :Text;        # HOST:PORT where the node takes links
  incarnation @2 :UInt64;  # ns since 1970 of the process's start
  weight @3 :Float64;
  region @4 :Text;
  version @5 :Text;
  protocol @6 :UInt32;
  configuration @7 :UInt64; # of versions without `shared`: digest of that and of the applications
  shared @8 :UInt64;        # digest of what must be equal on all nodes; 0: a version that compares `configuration`
}

# Digests of what should be equal on all nodes and may differ for a while; zeros: a version that tells none.
struct Customers {
  applications @0 :UInt64;
  numbers @1 :UInt64;
}

enum Phase {
  joining @0;
  live @1;
  draining @2;
  held @3;
}

struct Status {
  phase @0 :Phase;
  callers @1 :UInt64;
  rooms @2 :UInt64;
  calls @3 :UInt64;
  links @4 :List(Identity);
  members @5 :List(Text); # those of the links that the sender counts as members
  customers @6 :Customers;
}

# The bootstrap capability of every link.
interface Node {
  # First call of a link, by the dialler; `me` serves the other direction. Any other call before it fails.
  hello @0 (me :Node, identity :Identity, status :Status) -> Welcome;

  # Heartbeat, sent by both sides; the dialler's first one confirms the link.
  ping @1 (status :Status) -> (status :Status);

  # Names; they never fail, the methods behind them do.
  directory @2 () -> (directory :Directory);
  room @3 RoomKey -> (room :Room);
  call @4 (id :Text) -> (call :Call);
  leg @5 LegName -> (leg :Leg);

  # Operations on the node.
  listCalls @6 (customer :Text) -> Outcome(CallPage);
  drain @7 (drain :Bool) -> Outcome(Done);

  # The dialler does not want the link although its hello was accepted, and closes it.
  refuse @8 (reason :Error) -> ();
}

struct Welcome {
  identity @0 :Identity;
  status @1 :Status;
  verdict :union {
    refused @2 :Error; # try again much later
    accepted @3 :Void;
    dialBack @4 :Void; # the answering node has the smaller name: it dials, this connection is closed
    self @5 :Void;     # the dialler has dialled itself
  }
}

# -- names ----------------------------------------------------------------------------------------------------

struct RoomKey {
  customer @0 :Text;
  name @1 :Text;
}

# A call has a new leg, with the next number, after each move of its media.
struct LegName {
  call @0 :Text;
  number @1 :UInt32;
}

# -- directory ------------------------------------------------------------------------------------------------

struct RoomPlace {
  owner @0 :Text;
  epoch @1 :UInt64;
}

struct OwnedRoom {
  key @0 :RoomKey;
  epoch @1 :UInt64;
  createdAt @2 :Int64; # ns since 1970
}

enum OpenReason {
  firstJoin @0;
  ownerLost @1;
  ownerDrained @2;
  merged @3;
}

interface Directory {
  # Where a room lives; asked of the key's home, which has it opened when there is none.
  locate @0 (key :RoomKey) -> Outcome(RoomPlace);

  # The home has chosen this node as owner.
  open @1 (room :OwnedRoom, reason :OpenReason, lostForMs :Int64) -> Outcome(Done);

  # Rooms that the caller opened or closed since its last message of this kind, or all that it owns. Long lists
  # come as several calls: all but the last have `more` set and take effect with the last.
  roomsChanged @2 (all :Bool, opened :List(OwnedRoom), closed :List(OwnedRoom), more :Bool) -> Outcome(Done);

  # Everybody in the room of this epoch moves to its new place.
  vacate @3 (key :RoomKey, epoch :UInt64, to :RoomPlace) -> Outcome(Done);
}

# -- room -----------------------------------------------------------------------------------------------------

enum ParticipantAction {
  unknown @0; # from a newer node: answered with `unsupported`
  mute @1;
  unmute @2;
  kick @3;
  change @4; # what `change` says
}

# What a caller is and may do in a room.
struct Participation {
  muted @0 :Bool;
  endOnExit @1 :Bool;
  label @2 :Text;
  number @3 :Text;
  fixedLevel @4 :Bool; # false: brought to everybody's loudness
  gainDb @5 :Float64; # when it is fixed
  deaf @6 :Bool;
  hearGainDb @7 :Float64;
  noiseSuppression @8 :Choice; # of the room, by who says it first; unchanged: the caller does not say
}

enum Choice {
  unchanged @0;
  no @1;
  yes @2;
}

# What is changed of it: nothing that is `unchanged` or null.
struct ParticipationChange {
  muted @0 :Choice;
  endOnExit @1 :Choice;
  label @2 :Text;
  levelling @3 :Choice; # no: a fixed gain
  gainDb @4 :Float64;
  deaf @5 :Choice;
  changesHearGain @6 :Bool;
  hearGainDb @7 :Float64;
  noiseSuppression @8 :Choice; # what holds in the room: only from the room to a call
}

interface Room {
  describe @0 () -> Outcome(RoomPage);

  # Both fail with `stale` when the room's epoch is another one.
  control @1 (epoch :UInt64, call :Text, what :ParticipantAction, change :ParticipationChange) -> Outcome(Done);
  end @2 (epoch :UInt64) -> Outcome(Done);
}

struct RoomPage {
  room @0 :OwnedRoom;
  node @1 :Text;
  participants @2 :List(Participant);
  rest @3 :MoreParticipants; # null on the last page
  noiseSuppression @4 :Choice; # unchanged: an older node does not say
}

interface MoreParticipants {
  next @0 () -> RoomPage;
}

struct Participant {
  call @0 :Text;
  muted @1 :Bool;
  endOnExit @2 :Bool;
  speaking @3 :Bool;
  joinedAt @4 :Int64; # ns since 1970
  how @5 :Participation; # null from an older node: the two flags above say all
  spoken @6 :Bool; # `levelDb` is known
  levelDb @7 :Float32; # dBov
  gainDb @8 :Float32; # that it is heard with
}

# -- leg ------------------------------------------------------------------------------------------------------

struct SdpSession {
  id @0 :UInt64;
  version @1 :UInt64;
  local @2 :Text;
}

enum SrtpPolicy {
  unknown @0; # from a newer node: answered with `unsupported`
  off @1;
  optional @2;
  required @3;
}

# The values of `plenary::leg_order`: what a call orders its leg to do. What an older node does not know it answers
# with `unsupported`. A new order is added at the end of the union, its fields with the next numbers.
struct LegOrder {
  union {
    unknown @0 :Void;            # none, or one of a newer node
    open :group {
      offer @1 :Text;            # null: the leg makes the offer
      srtp @2 :SrtpPolicy;
      continuing @3 :SdpSession; # of the leg that this one takes over from; null: of none
      signalling @4 :Text;       # the IP address that the INVITE came from
      trunk @5 :Text;            # the trunk's name
      heldBack @6 :Bool;         # the ACK is still to come, with `confirm`
    }
    renegotiate :group {
      offer @7 :Text;            # null: the leg makes the offer
    }
    acceptAnswer :group {
      answer @8 :Text;
    }
    confirm @9 :Void;            # the ACK came: media may flow at full rate
    enter :group {
      room @10 :RoomKey;
      epoch @11 :UInt64;         # of the room that the directory named
      how @12 :Participation;
    }
    exit @13 :Void;
    close @14 :Void;
  }
}

# What comes back: `media` of `open` and `renegotiate`, `place` of `enter`.
struct LegReply {
  union {
    unknown @0 :Void; # one of a newer node
    done @1 :Void;
    media @2 :SdpSession;
    place @3 :RoomPlace;
  }
}

# The values of `plenary::leg_report`: what a leg tells its call. As with orders.
struct LegReport {
  union {
    unknown @0 :Void;
    leftRoom :group {
      reason @1 :LeaveReason;
    }
    mediaTimedOut @2 :Void;
    digitPressed :group {
      digit @3 :UInt8;
    }
    roomMoves :group {
      to @4 :RoomPlace;
    }
    participantChanged :group {
      change @5 :ParticipationChange;
    }
    ended @6 :Void;
  }
}

interface Leg {
  # The first seven are one order each, for nodes of protocol 1.
  #
  # An absent `offer` asks the leg to make one; `continuing` comes from the leg that this one takes over from.
  # `signalling` is the IP address that the INVITE came from and `trunk` the trunk's name; empty: the caller's node
  # is older and does not say. `heldBack`: the ACK is still to come, with `confirm`.
  open @0 (offer :Text, srtp :SrtpPolicy, continuing :SdpSession, signalling :Text, trunk :Text, heldBack :Bool)
      -> Outcome(SdpSession);
  renegotiate @1 (offer :Text) -> Outcome(SdpSession);
  acceptAnswer @2 (answer :Text) -> Outcome(Done);

  # Fails with `moved` when the room is on another node, with `stale` when its epoch is another one. `how` says all;
  # the two flags are for older nodes.
  enter @3 (room :RoomKey, epoch :UInt64, muted :Bool, endOnExit :Bool, how :Participation) -> Outcome(RoomPlace);
  exit @4 () -> Outcome(Done);
  close @5 () -> Outcome(Done);

  # The caller's ACK came: media may flow at full rate. An older node sends so at once.
  confirm @6 () -> Outcome(Done);

  # Since protocol 2: every order. `enter` fails with `moved` when the room is on another node, with `stale` when its
  # epoch is another one.
  order @7 (what :LegOrder) -> Outcome(LegReply);
}

# -- call -----------------------------------------------------------------------------------------------------

enum LeaveReason {
  requested @0;
  kicked @1;
  roomEnded @2;
  roomLost @3;
}

interface Call {
  # The first six are one report each, of the call's leg of this number, for nodes of protocol 1.
  leftRoom @0 (leg :UInt32, reason :LeaveReason) -> Outcome(Done);
  mediaTimedOut @1 (leg :UInt32) -> Outcome(Done);
  digitReceived @2 (leg :UInt32, digit :UInt8) -> Outcome(Done);
  roomMoves @3 (leg :UInt32, to :RoomPlace) -> Outcome(Done);
  # `muted` is how it stands, for older nodes.
  participantChanged @4 (leg :UInt32, muted :Bool, change :ParticipationChange) -> Outcome(Done);
  legEnded @5 (leg :UInt32) -> Outcome(Done);

  # The record, live or stored, as the asked node knows it; a null record: it knows none.
  describe @6 () -> Outcome(CallPage);
  hangUp @7 (customer :Text) -> Outcome(Done);

  # Since protocol 2: every report of the call's leg of this number.
  report @8 (leg :UInt32, what :LegReport) -> Outcome(Done);
}

struct CallPage {
  calls @0 :List(CallRecord);
  rest @1 :MoreCalls; # null on the last page
}

interface MoreCalls {
  next @0 () -> CallPage;
}

# The enumerants of `plenary::call_status`, in its order, after `unknown`.
enum CallStatus {
  unknown @0;
  queued @1;
  dialing @2;
  ringing @3;
  inProgress @4;
  completed @5;
  busy @6;
  noAnswer @7;
  failed @8;
  canceled @9;
}

enum CallDirection {
  inbound @0;
  outbound @1;
}

struct CallRecord {
  id @0 :Text;
  customer @1 :Text;
  application @2 :Text;
  providerCallId @3 :Text;
  status @4 :CallStatus;
  direction @5 :CallDirection;
  from @6 :Text;
  to @7 :Text;
  node @8 :Text;
  room @9 :RoomKey;      # null: in no room
  createdAt @10 :Int64;  # ns since 1970, as the next two
  answeredAt @11 :Int64; # 0: not yet
  endedAt @12 :Int64;    # 0: not yet
  cause @13 :HangupCause;
  variables @14 :List(Variable);
  lastSequence @15 :UInt64;
  sipCallId @16 :Text;
  assertedIdentity @17 :Text;
  privacy @18 :Text;
  divertedFrom @19 :Text;
  diversionReason @20 :Text;
  headers @21 :List(Variable);
  endedBy @22 :CallEnding;
  error @23 :Error; # null: nothing went wrong; else what it was underneath
  failure @24 :FailureCode;
}

# The enumerants of `plenary::failure_code`, in its order, after `unknown` (nothing went wrong, or an older node says).
enum FailureCode {
  unknown @0;
  answerUrlFailed @1;
  redirectFailed @2;
  unsupportedAction @3;
  conferenceUnavailable @4;
  notAcceptable @5;
  mediaUnavailable @6;
}

# The enumerants of `plenary::call_ending`, in its order, after `unknown`.
enum CallEnding {
  unknown @0;
  caller @1;
  api @2;
  flow @3;
  room @4;
  node @5;
}

struct HangupCause {
  q850 @0 :Int32;
  name @1 :Text;
}

struct Variable {
  name @0 :Text;
  value @1 :Text;
}
